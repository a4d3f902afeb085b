import { constantByteLength, type Graph, type Node, type Value } from "@tflower/core";
import type { WeightScheme } from "../scheme.ts";
import { type Weights, weightsOf } from "../weights/plan-weights.ts";

/** What ends may get instead of how they are stored. */
export const widerThan = (stored: WeightScheme): WeightScheme | undefined =>
  stored.dtype === "i4"
    ? { dtype: "i8", granularity: "channel" }
    : stored.dtype === "i8"
      ? { dtype: "f16" }
      : undefined;

/** Ends may take this share of the bytes that all packed weights take. */
const share = 0.03;
/** Nodes between a layer and the program's output. */
const farthest = 4;

/**
 * Tables that rows are looked up in and layers that make outputs, where all of them together are small. Nothing behind them evens out their
 * errors, so 8 bits instead of 4, or 16 instead of 8, may be worth their few bytes. `storedIn` gives nothing for those that are to stay.
 */
export function smallEnds(graph: Graph, storedIn: (node: Node) => WeightScheme | undefined): readonly Weights[] {
  const last = lastLayers(graph);
  const ends: Weights[] = [];
  let [all, more] = [0, 0];
  for (const node of graph.nodes) {
    const stored = storedIn(node);
    const wider = stored && widerThan(stored);
    if (!wider) continue;
    const weights = weightsOf(node)!;
    const bytes = constantByteLength(weights.constant) / (stored.dtype === "i4" ? 8 : 4);
    all += bytes;
    const table = !node.op.traits.accumulator;
    const takes = wider.dtype === "f16" || node.op.traits.weights!.dynamic.includes("i8");
    if (!(table || last.has(node)) || !takes) continue;
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
