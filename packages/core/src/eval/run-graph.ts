import { compileError } from "../diagnostic/diagnostic.ts";
import { loadConstant } from "../ir/evaluate-constant.ts";
import type { Graph } from "../ir/graph.ts";
import type { Node } from "../ir/node.ts";
import { showType } from "../ir/type.ts";
import type { Value } from "../ir/value.ts";
import { mapOperands } from "../op/define-op.ts";
import type { TensorData } from "./tensor-data.ts";

/** What to do beside computing. */
export interface RunGraphOptions {
  /** Sees every result as it is computed. */
  readonly observe?: (node: Node, results: readonly TensorData[]) => void;
  /** What to do beside computing in a graph that `node` runs, asked at each call. */
  readonly enter?: (node: Node, graph: string, inputs: readonly TensorData[]) => RunGraphOptions | undefined;
  /** State to start from, by name; the first run's when absent. Gets the new state. */
  readonly state?: Map<string, TensorData>;
}

/** Computes a graph's outputs by each op's reference semantics: slow, and right. Throws when an op has none. */
export async function runGraph(
  graph: Graph,
  inputs: readonly TensorData[],
  o: RunGraphOptions = {},
): Promise<readonly TensorData[]> {
  if (inputs.length !== graph.inputs.length)
    throw compileError("EVL0001", `@${graph.name} takes ${graph.inputs.length} inputs, got ${inputs.length}`);
  const env = new Map<Value, TensorData>(graph.inputs.map((v, i) => [v, inputs[i]!]));
  for (const s of graph.states) env.set(s.value, o.state?.get(s.name) ?? (await loadConstant(s.initial)));
  const loaded = new Map<Value, TensorData>();
  const get = (v: Value): TensorData => env.get(v) ?? loaded.get(v)!;
  const load = async (v: Value): Promise<void> => {
    if (v.constant && !loaded.has(v)) loaded.set(v, await loadConstant(v.constant));
  };
  for (const node of graph.nodes) {
    if (!node.op.evaluate && !node.op.run)
      throw compileError("EVL0001", `"${node.op.name}" has no reference semantics`, {
        op: node.op.name,
        subject: node.describe(),
      });
    for (const v of node.inputs) await load(v);
    const operands = mapOperands(node.operands_, get) as never;
    const out = (
      node.op.run
        ? await node.op.run(operands, node.attrs as never, (name, args) =>
            runGraph(bodyOf(graph, name), args, o.enter?.(node, name, args) ?? {}),
          )
        : node.op.evaluate!(
            operands,
            node.attrs as never,
            node.results.map((r) => r.type),
          )
    ) as TensorData | readonly TensorData[];
    const results = Array.isArray(out) ? (out as readonly TensorData[]) : [out as TensorData];
    node.results.forEach((r, i) => {
      const have = results[i];
      if (
        !have ||
        have.type.dtype !== r.type.dtype ||
        have.type.shape.length !== r.type.shape.length ||
        have.type.shape.some((d, k) => typeof r.type.shape[k] === "number" && r.type.shape[k] !== d)
      )
        throw compileError(
          "EVL0001",
          `"${node.op.name}" computed ${have ? showType(have.type) : "nothing"} for result ${i}, which is ${showType(r.type)}`,
          { op: node.op.name },
        );
      env.set(r, have);
    });
    o.observe?.(node, results);
  }
  for (const v of graph.outputs) await load(v);
  for (const s of graph.states) {
    await load(s.next);
    o.state?.set(s.name, get(s.next));
  }
  return graph.outputs.map(get);
}

function bodyOf(graph: Graph, name: string): Graph {
  const body = graph.module.find(name);
  if (!body) throw compileError("EVL0001", `@${graph.name} runs graph @${name}, which is not in the module`);
  return body;
}
