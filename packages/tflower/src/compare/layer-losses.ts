import type { Graph, Node, Value } from "@tflower/core";
import type { Held } from "./find-lowered.ts";

/** Differences of rounding are smaller than this; two tensors that are equal count as so close. */
const closest = 150;
const cap = (snr: number): number => Math.max(-closest, Math.min(closest, snr));

/** What follows a layer is not better than the layer by more than this, unless the tensor was taken for another one. */
const recovered = 30;

/**
 * The best that is computed from each value, of those that are held. Of an op with several results, the worst counts: what is wrong in its
 * inputs may be in some of them only, as in parts of a split, or in the counter of a loop.
 */
function bestAfter(nodes: readonly Node[], own: ReadonlyMap<Value, number>): ReadonlyMap<Value, number> {
  const after = new Map<Value, number>();
  for (const n of nodes.toReversed()) {
    const seen = n.results.flatMap((r) => own.get(r) ?? after.get(r) ?? []);
    if (seen.length) for (const v of n.inputs) after.set(v, Math.max(after.get(v) ?? -closest, Math.min(...seen)));
  }
  return after;
}

/**
 * Those whose error is still there behind them. Where it is gone, the tensor was taken for another one (the affine part of a norm may
 * have gone into the next layer, an inner value may look like a result), or nobody minds.
 */
export function genuine(graph: Graph, held: readonly Held[]): readonly Held[] {
  const nodes = [...graph.nodes];
  const own = new Map(held.map((h) => [h.value, cap(h.error.snr)]));
  for (;;) {
    const after = bestAfter(nodes, own);
    const wrong = [...own].filter(([v, snr]) => (after.get(v) ?? snr) - snr > recovered);
    if (wrong.length === 0) return held.filter((h) => own.has(h.value));
    for (const [v] of wrong) own.delete(v);
  }
}

/**
 * Decibels lost in each layer: what its inputs have, less what it has, or anything computed from it. `inputSnr` says what the graph's inputs
 * have; those it says nothing of are right.
 */
export function lossOf(
  graph: Graph,
  held: readonly Held[],
  inputSnr: (input: number) => number | undefined,
): ReadonlyMap<Value, number> {
  const nodes = [...graph.nodes];
  const own = new Map(held.map((h) => [h.value, cap(h.error.snr)]));
  const after = bestAfter(nodes, own);
  const before = new Map<Value, number>(graph.inputs.map((v, i) => [v, cap(inputSnr(i) ?? closest)]));
  const incoming = (v: Value): number => own.get(v) ?? before.get(v) ?? closest;
  for (const n of nodes) {
    const worst = Math.min(closest, ...n.inputs.map(incoming));
    for (const r of n.results) before.set(r, worst);
  }
  return new Map(
    held.map(({ value }) => [
      value,
      Math.max(0, before.get(value)! - Math.max(own.get(value)!, after.get(value) ?? -closest)),
    ]),
  );
}
