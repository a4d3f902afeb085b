import { CompileError, type Diagnostic, Module, type OpDef } from "@tflower/core";
import { checkFile } from "../file/check-file.ts";
import { keptMetadata } from "../file/kept-metadata.ts";
import type { NamedTensor, Signature, TfliteFile } from "../file/tflite-file.ts";
import { FileProblem, problemAt } from "./file-problem.ts";
import { BufferConstants } from "./import-constant.ts";
import { type FileContext, GraphImport } from "./import-graph.ts";
import { FreshSymbols } from "./import-type.ts";

/** What {@link fromTfliteFile} may be told. */
export interface FromTfliteOptions {
  /** What messages call the file. */
  readonly name?: string;
  /** Custom ops that are declared, by {@link defineTflCustom}. Of others only the name is known, and their options are kept as they are. */
  readonly customOps?: readonly OpDef[];
}

/**
 * A `.tflite` as a module of tfl ops, the inverse of {@link toTfliteFile}: constant parameters become attributes, dynamic extents symbols,
 * and large constants stay where the file has them. Throws a `CompileError` with everything in the file that the IR cannot hold.
 *
 * @example
 * const module = fromTfliteFile(readTflite(bytes));
 * console.log(printModule(module));
 */
export function fromTfliteFile(file: TfliteFile, o: FromTfliteOptions = {}): Module {
  const name = o.name ?? "model.tflite";
  const damage = checkFile(file);
  if (damage.length) throw new CompileError(damage.map((why) => problemAt(name, new FileProblem("TFL0030", why))));
  const module = new Module();
  const graphs = file.subgraphs.map((s, i) => module.graph(module.freeName(s.name || `subgraph_${i}`)));
  const problems: Diagnostic[] = [];
  const context: FileContext = {
    graphs: graphs.map((g) => g.name),
    constants: new BufferConstants(name),
    symbols: new FreshSymbols(),
    customOps: new Map((o.customOps ?? []).map((op) => [op.traits.tfl?.customCode ?? op.name, op])),
    problems,
  };
  for (const [i, graph] of graphs.entries()) {
    const mine = (file.signatures ?? []).filter((s) => s.subgraph === i);
    const source = file.subgraphs[i]!;
    try {
      const { inputs, outputs } = interfaceOf(mine, source.inputs, source.outputs);
      new GraphImport(graph, source, context).run(
        namesOfInputs(
          inputs,
          source.inputs.map((t) => source.tensors[t]!.name),
        ),
      );
      graph.outputNames = namesOfOutputs(
        outputs,
        source.outputs.map((t) => source.tensors[t]!.name),
      );
    } catch (e) {
      if (!(e instanceof FileProblem)) throw e;
      problems.push(problemAt(`signature "${mine[0]?.key}" of @${graph.name}`, e));
    }
  }
  module.signatures = [...(file.signatures ?? [])]
    .sort((a, b) => a.subgraph - b.subgraph)
    .map(({ key, subgraph }) => ({ key, graph: context.graphs[subgraph]! }));
  const first = module.signatures[0];
  if (first && first.graph !== graphs[0]!.name)
    problems.push(
      problemAt(
        name,
        new FileProblem(
          "TFL0035",
          `subgraph 0 has no signature while others have, and it is what runs by default: that cannot be held`,
          "give it a signature",
        ),
      ),
    );
  for (const [k, v] of keptMetadata(file.metadata ?? [])) module.metadata.set(k, v);
  if (problems.length) throw new CompileError(problems);
  return module;
}

interface Interface {
  readonly inputs: readonly (string | undefined)[];
  readonly outputs: readonly (string | undefined)[];
}

/** Names for a graph's inputs and outputs: those of its signatures, which must agree. */
function interfaceOf(
  signatures: readonly Signature[],
  inputs: readonly number[],
  outputs: readonly number[],
): Interface {
  const all = signatures.map((s) => ({
    inputs: inOrder(s.inputs, inputs, "input"),
    outputs: inOrder(s.outputs, outputs, "output"),
  }));
  const [first] = all;
  for (const other of all)
    if (JSON.stringify(other) !== JSON.stringify(first))
      throw new FileProblem(
        "TFL0035",
        "several signatures of one subgraph name its inputs or outputs differently, and a graph has one set of names",
      );
  return first ?? { inputs: inputs.map(() => undefined), outputs: outputs.map(() => undefined) };
}

/** A signature's names in the order of the subgraph's tensors. */
function inOrder(named: readonly NamedTensor[], tensors: readonly number[], what: string): (string | undefined)[] {
  const left = [...named];
  const names = tensors.map((t) => {
    const at = left.findIndex((n) => n.tensor === t);
    return at < 0 ? undefined : left.splice(at, 1)[0]!.name;
  });
  if (left.length)
    throw new FileProblem(
      "TFL0035",
      `${what} "${left[0]!.name}" is tensor ${left[0]!.tensor}, which is not among the subgraph's ${what}s, or not that often`,
    );
  return names;
}

/** The name `taken` gives to the wanted one, as the writer does. */
function uniquely(names: readonly (string | undefined)[], base: string): string[] {
  const taken = new Set<string>();
  return names.map((n, i) => {
    const wanted = n ?? `${base}_${i}`;
    let name = wanted;
    for (let k = 1; taken.has(name); k++) name = `${wanted}_${k}`;
    taken.add(name);
    return name;
  });
}
const same = (a: readonly (string | undefined)[], b: readonly string[]): boolean => a.every((n, i) => n === b[i]);

/** Tensor names, where the signature's names follow from them; the signature's otherwise: callers use those. */
const namesOfInputs = (
  signature: readonly (string | undefined)[],
  tensors: readonly (string | undefined)[],
): readonly (string | undefined)[] =>
  same(signature, uniquely(tensors, "args")) ? tensors : signature.map((n, i) => n ?? tensors[i]);

/** Nothing, where the signature says no more than the position does. */
function namesOfOutputs(
  signature: readonly (string | undefined)[],
  tensors: readonly (string | undefined)[],
): readonly string[] {
  if (signature.every((n, i) => n === undefined || (n === `output_${i}` && tensors[i] !== n))) return [];
  return signature.map((n, i) => n ?? tensors[i] ?? `output_${i}`);
}
