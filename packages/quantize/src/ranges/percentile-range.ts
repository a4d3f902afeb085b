import type { Range } from "../statistics/range.ts";
import type { ValueStatistics } from "../statistics/value-statistics.ts";
import { type BodyBin, bodyOf } from "./body.ts";

/**
 * A range that holds at least `p` percent of the elements, and leaves out no more than half of the others at each end; `undefined` where there
 * are no elements. Ends lie on borders of bins, so a little more may be in it.
 */
export function percentileRange(v: ValueStatistics, p: number): Range | undefined {
  if (!(p > 0 && p <= 100)) throw new RangeError(`expected a percentage above 0 and up to 100, got ${p}`);
  const body = bodyOf(v);
  if (!body) return undefined;
  const most = (body.count * (100 - p)) / 200;
  return { min: firstKept(body.bins, most).low, max: firstKept(body.bins.toReversed(), most).high };
}

/** The first bin that cannot be left out. */
function firstKept(bins: readonly BodyBin[], most: number): BodyBin {
  let left = 0;
  for (const b of bins) {
    left += b.count;
    if (left > most) return b;
  }
  return bins.at(-1)!;
}
