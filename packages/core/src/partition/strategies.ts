import type { Dependencies } from "./dependencies.ts";
import { earliestSlots, type Slots } from "./slots.ts";

/**
 * How partitions are made of the nodes that a delegate takes.
 *
 * - `fewest`: as few as there can be, then with as few bytes across their boundaries as moving nodes finds.
 * - `epochs`: as TFLite's runtime makes them when a delegate is applied: in turns, all that is ready inside, then all that is ready outside,
 *   beginning with whichever kind is ready first. One more than the fewest at times.
 * - `runs`: as LiteRT's compiler plugins make them: unbroken runs of nodes in the order of the file.
 */
export type PartitionStrategy = "fewest" | "epochs" | "runs";

type Strategy = (d: Dependencies, inside: readonly boolean[]) => Slots;

const runs: Strategy = (_, inside) => {
  let slot = 0;
  return inside.map((yes) => {
    if ((slot % 2 === 1) !== yes) slot++;
    return slot;
  });
};

const epochs: Strategy = (d, inside) => {
  const slots: Slots = new Array(d.nodes.length).fill(0);
  const waits = d.before.map((b) => b.length);
  /** Nodes that wait for nothing more, of each kind. */
  const ready: Readonly<Record<"in" | "out", number[]>> = { in: [], out: [] };
  const put = (p: number): void => void ready[inside[p] ? "in" : "out"].push(p);
  waits.forEach((n, p) => {
    if (n === 0) put(p);
  });
  // slot 1 is the first that may be inside, and 0 the first that may be outside
  let kind: "in" | "out" = (ready.in[0] ?? Infinity) < (ready.out[0] ?? Infinity) ? "in" : "out";
  for (let slot = kind === "in" ? 1 : 0; ready.in.length + ready.out.length > 0; slot++) {
    for (let p = ready[kind].pop(); p !== undefined; p = ready[kind].pop()) {
      slots[p] = slot;
      for (const a of d.after[p]!) if (--waits[a]! === 0) put(a);
    }
    kind = kind === "in" ? "out" : "in";
  }
  return slots;
};

/** Slots by strategy. */
export const strategies: Readonly<Record<PartitionStrategy, Strategy>> = {
  fewest: earliestSlots,
  epochs,
  runs,
};
