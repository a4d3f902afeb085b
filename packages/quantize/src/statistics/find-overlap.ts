import type { Statistics } from "./statistics.ts";

/** Two of several statistics that are of one sample. */
export interface Overlap {
  readonly first: number;
  readonly second: number;
  /** Index of a sample that both have seen. */
  readonly sample: number;
}

/**
 * Statistics of which two have seen a sample of the same index: a shard that is given twice, or samples of two sets, which both begin with 0.
 * `undefined` where there are none.
 */
export function findOverlap(all: readonly Statistics[]): Overlap | undefined {
  // a value that was seen in all samples says most; of those that were seen, the first will do
  const seen = all.flatMap((s, index) =>
    (Object.values(s.values).find((v) => v.moving.length > 0)?.moving ?? []).map(({ from, to }) => ({
      index,
      from,
      to,
    })),
  );
  seen.sort((a, b) => a.from - b.from || a.index - b.index);
  let last = seen[0];
  for (const s of seen.slice(1)) {
    if (last && s.from < last.to && s.index !== last.index)
      return { first: last.index, second: s.index, sample: s.from };
    if (!last || s.to > last.to) last = s;
  }
  return undefined;
}
