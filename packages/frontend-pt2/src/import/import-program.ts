import {
  CompileError,
  type Compiler,
  type Diagnostic,
  type Graph,
  Module,
  type SymbolRange,
  sameType,
  showType,
  type TensorType,
  tensor,
} from "@tflower/core";
import { type Where, within } from "../import-error.ts";
import type { Pt2Program } from "../program.ts";
import type { ExportGraph } from "../schema/exported-program.ts";
import type { ImportCode } from "./import-codes.ts";
import { type GraphImport, GraphImporter } from "./import-graph.ts";
import { InputImporter, loadConstants } from "./import-inputs.ts";
import { isBakedIn } from "./is-baked-in.ts";
import { ImportProblem } from "./scope.ts";

/** Choices of {@link importProgram}. */
export interface ImportOptions {
  /** Name of the graph and key of the signature. */
  readonly name?: string;
  /** Adds to this module, so that several programs share it. */
  readonly module?: Module;
  /** Gets warnings. */
  readonly report?: (d: Diagnostic) => void;
}

/**
 * Turns a program into IR over the ops that `compiler` knows. Parameters and buffers become lazy constants, named by their FQN;
 * sizes become symbols with the program's ranges. All problems are gathered and thrown together.
 */
export async function importProgram(program: Pt2Program, compiler: Compiler, o: ImportOptions = {}): Promise<Module> {
  const module = o.module ?? new Module();
  const name = o.name ?? "main";
  const key = o.name ?? "serving_default";
  const graph = module.graph(name);
  module.signatures.push({ key, graph: name });
  module.metadata.set("torch_version", program.torchVersion);
  const ranges = rangesOf(program);
  addSymbols(module, ranges);
  const problems: Diagnostic[] = [];
  const report = (d: Diagnostic): void => {
    if (d.severity === "error") problems.push(d);
    else o.report?.(d);
  };
  for (const w of program.warnings) report({ severity: "warning", code: "IMP0102" satisfies ImportCode, message: w });

  const where: Where = { file: program.file, part: `models/${program.model}.json` };
  const constants = await loadConstants(program);
  const conditions = new Set<string>();
  const contextFor = (g: Graph, at: Where): GraphImport => ({
    compiler,
    where: at,
    report,
    rangeOf: (s) => ranges.get(s) ?? { min: 0, max: Infinity },
    innerConstant: (t, label) => g.constant(constants.get(t)!, label),
    precondition: (text) => void conditions.add(text),
    subgraph: (wanted, body) =>
      importSubgraph(module, wanted, body, (inner) => contextFor(inner, within(at, `graph "${wanted}"`))),
  });
  const importer = new GraphImporter(graph, program.graph, contextFor(graph, where));
  const inputs = new InputImporter(program, constants, graph, importer, compiler);
  await inputs.run();
  importer.run();
  bindOutputs(program, graph, importer, inputs);
  if (problems.length) throw new CompileError(problems);
  notePreconditions(module, key, program, [...conditions], report);
  return module;
}

function rangesOf(program: Pt2Program): ReadonlyMap<string, SymbolRange> {
  const out = new Map<string, SymbolRange>();
  for (const [s, r] of program.rangeConstraints) {
    // a value computed from data may be negative
    const least = /^u\d+$/.test(s) ? -Infinity : 0;
    out.set(s, { min: Number(r.min ?? least), max: r.max === undefined ? Infinity : Number(r.max) });
  }
  return out;
}
/** Programs of one module name their symbols alike without meaning the same: the wider range is true for both. */
function addSymbols(module: Module, ranges: ReadonlyMap<string, SymbolRange>): void {
  for (const [s, r] of ranges) {
    const before = module.symbols.get(s);
    module.symbols.set(s, before ? { min: Math.min(before.min, r.min), max: Math.max(before.max, r.max) } : r);
  }
}

function bindOutputs(program: Pt2Program, graph: Graph, importer: GraphImporter, inputs: InputImporter): void {
  const { scope } = importer;
  let user = 0;
  const names: string[] = [];
  for (const spec of program.signature.outputs) {
    const label =
      spec.kind === "userOutput" || spec.kind === "lossOutput"
        ? (program.outputNames[user++] ?? `output_${user - 1}`)
        : undefined;
    importer.attempt(`output "${label ?? ("name" in spec ? spec.name : spec.kind)}"`, {}, () => {
      switch (spec.kind) {
        case "userOutput":
        case "lossOutput": {
          const arg = spec.kind === "lossOutput" ? { kind: "tensor" as const, name: spec.name } : spec.arg;
          // None and Python constants leave the order of outputs
          if (isBakedIn(arg)) return;
          graph.outputs = [...graph.outputs, importer.outputOf(arg)];
          names.push(label!);
          return;
        }
        case "bufferMutation":
        case "parameterMutation": {
          const state = graph.states.find((s) => s.value === inputs.valueOf(spec.fqn));
          // a buffer that no input of the graph stands for is not read either
          if (!state) return;
          state.next = scope.valueOf(spec.name);
          needType(state.next.type, state.value.type, `state "${spec.fqn}"`);
          return;
        }
        case "userInputMutation": {
          const input = scope.valueOf(spec.input);
          const next = scope.valueOf(spec.name);
          needType(next.type, input.type, `input "${spec.input}"`);
          graph.inputMutations.push({ input, next });
          return;
        }
        case "gradientToParameter":
        case "gradientToUserInput":
          throw new ImportProblem(
            "IMP0113",
            "the program computes gradients, and a .tflite only infers",
            "export the model without its loss, in evaluation mode",
          );
        case "token":
          return; // its input is refused
      }
    });
  }
  graph.outputNames = names;
}
function needType(got: TensorType, wanted: TensorType, what: string): void {
  if (!sameType(got, wanted))
    throw new ImportProblem("IMP0100", `${what} is ${showType(wanted)}, and the program leaves ${showType(got)} in it`);
}

/** What the program's guards ask of its inputs beyond the ranges of their sizes goes into the file, in terms of the inputs. */
function notePreconditions(
  module: Module,
  key: string,
  program: Pt2Program,
  asserted: readonly string[],
  report: (d: Diagnostic) => void,
): void {
  const names = sizeNames(program);
  const conditions = [
    ...program.guardsCode.map(showGuard),
    ...asserted.map((c) => c.replace(/\b[a-z]+\d+\b/g, (s) => names.get(s) ?? s)),
  ];
  if (conditions.length === 0) return;
  const entry = "tflower.preconditions";
  const all = JSON.parse(module.metadata.get(entry) ?? "{}") as Record<string, readonly string[]>;
  module.metadata.set(entry, JSON.stringify({ ...all, [key]: conditions }));
  const shown = conditions.slice(0, 5).join(", ");
  const more = conditions.length > 5 ? ` and ${conditions.length - 5} more` : "";
  report({
    severity: "note",
    code: "IMP0114" satisfies ImportCode,
    message: `${program.file}: the program is what was exported only for inputs with ${shown}${more}; the file does not check that`,
  });
}
/** Where a caller finds what a symbol stands for: `x.shape[0]`. */
function sizeNames(program: Pt2Program): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  let user = 0;
  for (const spec of program.signature.inputs) {
    if (spec.kind !== "userInput" && spec.kind !== "constantInput") continue;
    const label = program.inputNames[user++];
    const meta =
      spec.kind === "userInput" && spec.arg.kind === "tensor"
        ? program.graph.tensorValues.get(spec.arg.name)
        : undefined;
    for (const [axis, s] of meta?.sizes.entries() ?? [])
      if (typeof s === "object" && s.expr.kind === "symbol" && !names.has(s.expr.name))
        names.set(s.expr.name, `${label}.shape[${axis}]`);
  }
  return names;
}
/** A guard as torch writes it, `L['x'].size()[0] % 2 == 0`, in the words of the one who calls. */
const showGuard = (code: string): string => code.replace(/L\['(\w+)'\]/g, "$1").replace(/\.size\(\)\[/g, ".shape[");

/** Imports the body of a higher-order op as a graph of the module. */
function importSubgraph(
  module: Module,
  wanted: string,
  body: ExportGraph,
  contextFor: (graph: Graph) => GraphImport,
): string {
  const name = module.freeName(wanted);
  const graph = module.graph(name);
  const importer = new GraphImporter(graph, body, contextFor(graph));
  for (const [i, a] of body.inputs.entries())
    importer.attempt(`input ${i}`, {}, () => {
      if (a.kind === "tensor") importer.scope.define(a.name, graph.input(importer.scope.typeNamed(a.name), a.name));
      else if (a.kind === "symInt") importer.scope.define(a.name, graph.input(tensor("i64", []), a.name));
      else throw new ImportProblem("IMP0106", `it is a ${a.kind}, and only tensors and sizes can be given to a graph`);
    });
  importer.run();
  for (const [i, a] of body.outputs.entries())
    importer.attempt(`output ${i}`, {}, () => {
      const values =
        a.kind === "tensors"
          ? a.names.map((n) => importer.scope.valueOf(n))
          : a.kind === "none"
            ? []
            : [importer.outputOf(a)];
      graph.outputs = [...graph.outputs, ...values];
    });
  return name;
}
