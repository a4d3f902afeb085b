import type { Range } from "../statistics/range.ts";
import type { ValueStatistics } from "../statistics/value-statistics.ts";
import { type BodyBin, bodyOf } from "./body.ts";

/** Choices of {@link tailRange}. */
export interface TailOptions {
  /** How many times as much data as was seen the range is to hold; 10 by default. */
  readonly times?: number;
  /** The most that an end moves, as a share of its distance from zero; 0.25 by default. */
  readonly most?: number;
}

/** The tail is this share of the elements, */
const share = 1e-3;
/** if those are at least so many; with fewer elements nothing can be said. */
const fewest = 20;

/**
 * The least and the greatest element to expect among more data than was seen; `undefined` where there are no elements. Tails are taken to fall
 * off exponentially beyond the 99.9th percentile, as fast as the mean of what lies there says: that depends less on chance than the
 * greatest element does, which is in the range anyway. Ends at which elements gather, as behind a ReLU6, stay.
 */
export function tailRange(v: ValueStatistics, { times = 10, most = 0.25 }: TailOptions = {}): Range | undefined {
  const body = bodyOf(v);
  if (!body) return undefined;
  const { min, max, bins, count } = body;
  const up = reach(count, bins.toReversed(), times, (b) => ({ outer: b.high, inner: b.low }));
  const down = reach(count, bins, times, (b) => ({ outer: -b.low, inner: -b.high }));
  return {
    // what never was negative, or positive, is not going to be
    min: min < 0 ? Math.min(min, Math.max(-down, min * (1 + most))) : min,
    max: max > 0 ? Math.max(max, Math.min(up, max * (1 + most))) : max,
  };
}

/** How far outwards the farthest of `times` as many elements is expected. `bins` come from outside. */
function reach(
  count: number,
  bins: readonly BodyBin[],
  times: number,
  edges: (b: BodyBin) => { readonly outer: number; readonly inner: number },
): number {
  const wanted = Math.max(fewest, count * share);
  if (count < 2 * wanted) return Number.NEGATIVE_INFINITY;
  let n = 0;
  let sum = 0;
  for (const [i, b] of bins.entries()) {
    const { outer, inner } = edges(b);
    n += b.count;
    sum += (b.count * (outer + inner)) / 2;
    if (n < wanted) continue;
    // all of the tail in the first bin: they gather there
    return i === 0 ? Number.NEGATIVE_INFINITY : inner + (sum / n - inner) * Math.log(n * times);
  }
  return Number.NEGATIVE_INFINITY;
}
