import { fromTfliteFile, readTflite } from "@tflower/backend-tflite";
import {
  type Compiler,
  calledGraphs,
  type Diagnostic,
  Module,
  type Pass,
  type Pipeline,
  runPasses,
  type TensorData,
} from "@tflower/core";
import { importProgram, type Pt2Program } from "@tflower/frontend-pt2";
import { compileProgram } from "../compile.ts";
import { type Comparison, compareLayers } from "./compare-layers.ts";
import type { LocationsOf } from "./find-lowered.ts";
import { locationsByName } from "./locations-by-name.ts";
import type { Execute } from "./lowered-values.ts";
import { evaluateReference, referenceFrom } from "./reference-values.ts";
import { asInputsOf, madeUpInputs, sampleInputsOf } from "./sample-inputs.ts";

/** What {@link compareProgram} is asked for. */
export interface CompareOptions {
  readonly compiler: Compiler;
  readonly pipeline?: (stages: Pipeline) => readonly Pass[];
  /** A `.tflite` made from the program; what the compiler makes of it now, by default. */
  readonly file?: { readonly name: string; readonly bytes: Uint8Array };
  /** Values that PyTorch computed, by name of a node or a module, `in.K` and `out.K`; computed by reference semantics, by default. */
  readonly reference?: { readonly name: string; readonly tensors: ReadonlyMap<string, TensorData> };
  /** Inputs in the program's order; those that the program was exported with, by default. */
  readonly inputs?: readonly TensorData[];
  readonly execute: Execute;
  readonly report?: (d: Diagnostic) => void;
}

/** Compares a program with what it is lowered to, layer by layer. */
export async function compareProgram(program: Pt2Program, o: CompareOptions): Promise<Comparison> {
  const { compiler } = o;
  const report = o.report ? { report: o.report } : {};
  // functional, and otherwise as the user wrote it
  const source = await importProgram(program, compiler, { module: new Module() });
  const graph = source.graphs[0]!;
  const notes: string[] = [];
  const given = o.inputs ?? inputsAmong(o.reference?.tensors) ?? (await sampleInputsOf(program, graph));
  if (!given) notes.push("the program brings no inputs along: numbers of a fixed sequence were used");
  const inputs = given ?? madeUpInputs(graph);
  await runPasses(source, compiler.pipeline.import, compiler, { verifyEach: false });
  const reference = o.reference
    ? referenceFrom(graph, o.reference.tensors, o.reference.name)
    : await evaluateReference(graph, asInputsOf(graph, inputs));

  if (o.reference)
    for (const node of graph.nodes)
      if (calledGraphs(node).length)
        notes.push(
          `${node.locations[0]?.id ?? node.op.name}: what is inside is not compared, as ${o.reference.name} has no values of it`,
        );
  const compiled = await compileProgram(program, compiler, { ...report, ...(o.pipeline && { pipeline: o.pipeline }) });
  let lowered = compiled;
  let locationsOf: LocationsOf | undefined;
  if (o.file) {
    const file = readTflite(o.file.bytes);
    lowered = fromTfliteFile(file, { name: o.file.name });
    const found = locationsByName(compiled, lowered, file);
    locationsOf = found.locationsOf;
    if (found.known < found.of)
      notes.push(
        `${found.of - found.known} of ${found.of} tensors of ${o.file.name} are not known by name: it was made with other options, or by another tool`,
      );
  }
  const main = mainOf(lowered);
  const c = await compareLayers({
    reference,
    module: lowered,
    graph: main,
    inputs: asInputsOf(main, inputs),
    execute: o.execute,
    ...(locationsOf && { locationsOf }),
  });
  return { ...c, notes: [...notes, ...c.notes] };
}

const mainOf = (module: Module) => module.find(module.signatures[0]?.graph ?? "") ?? module.graphs[0]!;

/** `in.0`, `in.1`, ... of a file. */
export function inputsAmong(tensors: ReadonlyMap<string, TensorData> | undefined): readonly TensorData[] | undefined {
  const out: TensorData[] = [];
  for (let t = tensors?.get("in.0"); t; t = tensors?.get(`in.${out.length}`)) out.push(t);
  return out.length ? out : undefined;
}
