import { tflitePlugin } from "@tflower/backend-tflite";
import {
  Compiler,
  type Diagnostic,
  dataConstant,
  type Graph,
  inferTypes,
  Module,
  type Node,
  type OpDef,
  printGraph,
  Rewriter,
  runGraph,
  runPasses,
  type TensorData,
  type TensorType,
  type Value,
  verifyGraph,
} from "@tflower/core";
import { atenPlugin } from "../src/index.ts";

export type DataOperands = Readonly<Record<string, TensorData | undefined | readonly (TensorData | undefined)[]>>;

/** One application of an op to data. */
export interface Application {
  readonly op: OpDef<any, any, any>;
  readonly operands: DataOperands;
  readonly attrs?: Readonly<Record<string, unknown>>;
  /** Result types, for ops that do not infer them. */
  readonly types?: readonly TensorType[];
  /** Operands that the program holds as constants. */
  readonly constants?: readonly string[];
  /** How many results the program reads; all of them when absent. */
  readonly outputs?: number;
}

const compiler = new Compiler().use(tflitePlugin(), atenPlugin());
const { pipeline } = compiler;

function map<V, W>(
  v: V | undefined | readonly (V | undefined)[],
  f: (v: V) => W,
): W | undefined | readonly (W | undefined)[] {
  return Array.isArray(v) ? v.map((x: V | undefined) => x && f(x)) : v === undefined ? undefined : f(v as V);
}

/** A graph that applies the op to its inputs, and what to feed them. */
function build(a: Application): { readonly module: Module; readonly graph: Graph; readonly inputs: TensorData[] } {
  const module = new Module();
  const graph = module.graph("main");
  const inputs: TensorData[] = [];
  const operands: Record<string, unknown> = {};
  for (const [name, v] of Object.entries(a.operands))
    operands[name] = map(v as TensorData, (d): Value => {
      if (a.constants?.includes(name)) return graph.constant(dataConstant(d));
      inputs.push(d);
      return graph.input(d.type);
    });
  const node = new Rewriter(graph).create(a.op, operands as never, a.attrs, a.types ? { types: a.types } : {});
  graph.outputs = node.results.slice(0, a.outputs);
  return { module, graph, inputs };
}

/** Types that the op infers for data. */
export function inferred(a: Application): readonly TensorType[] {
  const node = build(a).graph.first!;
  const types = inferTypes(node as Node);
  if (!types || "problem" in types) throw new Error(types ? types.problem.message : "infers nothing");
  return types;
}

/** What the op's reference semantics give. */
export async function reference(a: Application): Promise<readonly TensorData[]> {
  const { graph, inputs } = build(a);
  return runGraph(graph, inputs);
}

/** What the reference semantics of the tfl ops give that the op is lowered to; diagnostics where it is refused. */
export async function lowered(
  a: Application,
): Promise<
  { readonly results: readonly TensorData[]; readonly text: string } | { readonly refused: readonly Diagnostic[] }
> {
  const { module, graph, inputs } = build(a);
  try {
    await runPasses(module, [...pipeline.lower, ...pipeline.finish], compiler);
  } catch (e) {
    if (e instanceof Error && "diagnostics" in e) return { refused: e.diagnostics as readonly Diagnostic[] };
    throw e;
  }
  const problems = verifyGraph(graph);
  if (problems.length) throw new Error(problems.map((p) => p.message).join("\n"));
  return { results: await runGraph(graph, inputs), text: printGraph(graph) };
}
