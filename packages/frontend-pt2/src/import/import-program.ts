import {
  CompileError,
  type Compiler,
  type Constant,
  type Diagnostic,
  type Graph,
  Module,
  Rewriter,
  tensor,
  type Value,
} from "@tflower/core";
import { importError } from "../import-error.ts";
import type { Pt2Program } from "../program.ts";
import type { Argument, ExportGraph } from "../schema/exported-program.ts";
import { importConstant } from "./import-constants.ts";
import { GraphImporter } from "./import-graph.ts";

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
  const graph = module.graph(name);
  module.signatures.push({ key: o.name ?? "serving_default", graph: name });
  module.metadata.set("torch_version", program.torchVersion);
  for (const [s, r] of program.rangeConstraints)
    module.symbols.set(s, { min: Number(r.min ?? 0), max: r.max === undefined ? Infinity : Number(r.max) });
  const problems: Diagnostic[] = [];
  const report = (d: Diagnostic): void => {
    if (d.severity === "error") problems.push(d);
    else o.report?.(d);
  };
  for (const w of program.warnings) report({ severity: "warning", code: "IMP0102", message: w });

  const env = new Map<string, Value>();
  const importer = new GraphImporter(graph, program.graph, env, {
    compiler,
    report,
    subgraph: (wanted, body) => importSubgraph(module, wanted, body, compiler, report),
  });
  const constants = await loadConstants(program);
  const buffers = new Map<string, Value>();
  let user = 0;
  program.signature.inputs.forEach((spec, i) => {
    switch (spec.kind) {
      case "parameter":
      case "buffer":
      case "tensorConstant": {
        const constant = constants.get(spec.fqn);
        if (!constant)
          throw importError(
            "IMP0018",
            { file: program.file, part: spec.fqn },
            "the program reads this tensor, but the archive holds no data for it",
            "export the program again with its weights",
          );
        const v = buffers.get(spec.fqn) ?? graph.constant(constant, spec.fqn);
        buffers.set(spec.fqn, v);
        env.set(spec.name, v);
        break;
      }
      case "userInput": {
        const label = program.inputNames[user++] ?? `args_${i}`;
        if (spec.arg.kind === "tensor") {
          const meta = program.graph.tensorValues.get(spec.arg.name);
          if (!meta)
            throw importError(
              "IMP0011",
              { file: program.file, part: `input "${label}"` },
              "the graph does not state the type of this input",
              "export the program again",
            );
          env.set(spec.arg.name, graph.input(importer.typeOf(meta), label));
        } else if (spec.arg.kind === "symInt") {
          report({
            severity: "error",
            code: "IMP0103",
            message: `input "${label}" is a Python integer that the program keeps symbolic; tflower takes tensors`,
            help: "pass it as a tensor, or export with a fixed value",
          });
        }
        break;
      }
      case "constantInput":
        user++;
        break;
      case "customObject":
      case "token":
        report({
          severity: "error",
          code: "IMP0104",
          message: `input "${spec.name}" is a ${spec.kind === "token" ? "token of an effectful op" : `custom object (${spec.classFqn})`}, which has no counterpart in a .tflite`,
          help: "rewrite the module so that it holds tensors only",
        });
        break;
    }
  });
  if (problems.length) throw new CompileError(problems);
  importer.run();
  bindOutputs(program, graph, importer, env, buffers, constants, report);
  if (problems.length) throw new CompileError(problems);
  return module;
}

async function loadConstants(program: Pt2Program): Promise<Map<string, Constant>> {
  const wanted = program.signature.inputs.flatMap((s) => ("fqn" in s && s.kind !== "customObject" ? [s.fqn] : []));
  const out = new Map<string, Constant>();
  await Promise.all(
    [...new Set(wanted)].map(async (fqn) => {
      const t = program.tensors.get(fqn);
      if (t) out.set(fqn, await importConstant(program.file, t, fqn));
    }),
  );
  return out;
}

function bindOutputs(
  program: Pt2Program,
  graph: Graph,
  importer: GraphImporter,
  env: ReadonlyMap<string, Value>,
  buffers: ReadonlyMap<string, Value>,
  constants: ReadonlyMap<string, Constant>,
  report: (d: Diagnostic) => void,
): void {
  const rewriter = new Rewriter(graph);
  const outputs: Value[] = [];
  const names: string[] = [];
  let user = 0;
  for (const spec of program.signature.outputs) {
    if (spec.kind === "userOutput") {
      const label = program.outputNames[user++] ?? `output_${user - 1}`;
      if (spec.arg.kind === "tensor") {
        outputs.push(importer.valueOf(spec.arg.name));
        names.push(label);
      } else if (spec.arg.kind === "symInt")
        report({
          severity: "error",
          code: "IMP0105",
          message: `output "${label}" is a size, and tflower gives tensors`,
          help: "return it as a tensor: torch.tensor(x.shape[0])",
        });
    } else if (spec.kind === "bufferMutation" || spec.kind === "parameterMutation") {
      const before = buffers.get(spec.fqn);
      const initial = constants.get(spec.fqn);
      if (!before || !initial) continue;
      const state = {
        name: spec.fqn,
        value: graph.state(initial, spec.fqn),
        next: importer.valueOf(spec.name),
        initial,
      };
      graph.states.push(state);
      rewriter.replaceAllUses(before, state.value);
      for (let i = 0; i < outputs.length; i++) if (outputs[i] === before) outputs[i] = state.value;
    } else if (spec.kind === "userInputMutation") {
      graph.inputMutations.push({ input: env.get(spec.input)!, next: importer.valueOf(spec.name) });
    }
  }
  graph.outputs = outputs;
  graph.outputNames = names;
}

/** Imports the body of a higher-order op as a graph of the module. */
function importSubgraph(
  module: Module,
  wanted: string,
  body: ExportGraph,
  compiler: Compiler,
  report: (d: Diagnostic) => void,
): string {
  const name = module.freeName(wanted);
  const graph = module.graph(name);
  const env = new Map<string, Value>();
  const importer = new GraphImporter(graph, body, env, {
    compiler,
    report,
    subgraph: (w, b) => importSubgraph(module, w, b, compiler, report),
  });
  const tensorName = (a: Argument): string | undefined => (a.kind === "tensor" ? a.name : undefined);
  body.inputs.forEach((a, i) => {
    const n = tensorName(a);
    const meta = n === undefined ? undefined : body.tensorValues.get(n);
    if (n !== undefined && meta) env.set(n, graph.input(importer.typeOf(meta), n));
    else if (a.kind !== "symInt")
      report({
        severity: "error",
        code: "IMP0106",
        message: `input ${i} of sub-graph "${wanted}" is no tensor (${a.kind})`,
      });
    else graph.input(tensor("i64", []), a.name);
  });
  importer.run();
  graph.outputs = body.outputs.flatMap((a) =>
    a.kind === "tensor"
      ? [importer.valueOf(a.name)]
      : a.kind === "tensors"
        ? a.names.map((n) => importer.valueOf(n))
        : [],
  );
  return name;
}
