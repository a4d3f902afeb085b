import { constantByteLength, type Graph, type Node, type Value } from "@tflower/core";
import type { WeightScheme } from "../scheme.ts";
import { type Weights, weightsOf } from "../weights/plan-weights.ts";

/** Ends may take this share of the bytes that all 4-bit weights take. */
const share = 0.03;
/** Nodes between a layer and the program's output. */
const farthest = 4;

/**
 * Tables that rows are looked up in and layers that make outputs, where 4 bits are asked for and all of them together are small. Nothing behind
 * them evens out their errors, so 8 bits may be worth their few bytes.
 */
export function smallEnds(graph: Graph, storedIn: (node: Node) => WeightScheme | undefined): readonly Weights[] {
  const last = lastLayers(graph);
  const ends: Weights[] = [];
  let [all, more] = [0, 0];
  for (const node of graph.nodes) {
    if (storedIn(node)?.dtype !== "i4") continue;
    const weights = weightsOf(node)!;
    const bytes = constantByteLength(weights.constant) / 8;
    all += bytes;
    const table = !node.op.traits.accumulator;
    if (!(table || last.has(node)) || !node.op.traits.weights!.dynamic.includes("i8")) continue;
    ends.push(weights);
    more += bytes;
  }
  return more > 0 && more <= share * all ? ends : [];
}

/** The layers that outputs come from, with little between. */
function lastLayers(graph: Graph): ReadonlySet<Node> {
  const found = new Set<Node>();
  const visit = (v: Value, left: number): void => {
    const node = v.producer;
    if (!node || left === 0) return;
    if (weightsOf(node)) {
      found.add(node);
      return;
    }
    const inputs = node.inputs.filter((x) => !x.constant);
    if (inputs.length === 1) visit(inputs[0]!, left - 1);
  };
  for (const v of graph.outputs_) visit(v, farthest);
  return found;
}
