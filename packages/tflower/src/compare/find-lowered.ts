import type { Graph, Location, TensorData, Value } from "@tflower/core";
import type { Reference, ReferenceValue } from "./reference-values.ts";
import { bestError, type TensorError } from "./tensor-error.ts";

/** Where the nodes of a lowered graph come from. */
export type LocationsOf = (value: Value) => readonly Location[];

/** A value of the lowered graph that may hold a value of the program. */
export interface Candidate {
  readonly value: Value;
  readonly id: string;
}

/** Values worth computing: what a node that comes from the program gives last. */
export function candidatesOf(
  graph: Graph,
  reference: Pick<Reference, "values">,
  locationsOf: LocationsOf,
): readonly Candidate[] {
  const order = new Map([...reference.values.keys()].map((id, i) => [id, i]));
  const out: Candidate[] = [];
  for (const node of graph.nodes)
    for (const value of node.results) {
      // a fused node has the value of the last one of those that it was made of
      const ids = locationsOf(value).flatMap((l) => (l.id !== undefined && order.has(l.id) ? [l.id] : []));
      const id = ids.sort((a, b) => order.get(b)! - order.get(a)!)[0];
      if (id !== undefined && reference.values.get(id)!.some((r) => mayHold(r.data, value))) out.push({ value, id });
    }
  return out;
}

/** Whether extents are the same but for their order and for ones. */
function mayHold(want: TensorData, value: Value): boolean {
  const { shape } = value.type;
  if (!shape.every((d) => typeof d === "number")) return true;
  const key = (s: readonly number[]): string =>
    s
      .filter((d) => d !== 1)
      .sort((a, b) => a - b)
      .join();
  return key(want.type.shape) === key(shape as readonly number[]);
}

/** A value of the program, and the lowered value that holds it. */
export interface Held {
  readonly reference: ReferenceValue;
  readonly value: Value;
  readonly error: TensorError;
}

/**
 * Which lowered value holds which value of the program. Lowerings of several nodes have inner values of the same shape: of the
 * candidates for one value, the closest is meant.
 */
export function findHeld(
  reference: Pick<Reference, "values">,
  candidates: readonly Candidate[],
  computed: ReadonlyMap<Value, TensorData>,
): readonly Held[] {
  const byId = new Map<string, Value[]>();
  for (const { id, value } of candidates) byId.set(id, [...(byId.get(id) ?? []), value]);
  const out: Held[] = [];
  for (const [id, values] of reference.values)
    for (const r of values) {
      let best: Held | undefined;
      for (const value of byId.get(id) ?? []) {
        const got = computed.get(value);
        const error = got && bestError(r.data, got);
        // of equally close ones, the last: it is what others read
        if (error && (!best || error.snr >= best.error.snr)) best = { reference: r, value, error };
      }
      if (best) out.push(best);
    }
  return out;
}
