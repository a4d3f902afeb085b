import { binEdges } from "../statistics/histogram.ts";
import type { Range } from "../statistics/range.ts";
import { maskBelow, type ValueStatistics } from "../statistics/value-statistics.ts";

/** What a value's elements are without those that only mask others. */
export interface Body extends Range {
  /** Elements that are data. */
  readonly count: number;
  /** Elements left out: those of a mask, infinities, and what stands for infinity. */
  readonly masked: number;
  /** The bins that have elements, ascending. The first and the last are cut to {@link min} and {@link max}. */
  readonly bins: readonly BodyBin[];
}

/** How many elements lie between two numbers. */
export interface BodyBin {
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

/** A mask is farther from zero than all data, by this factor, */
const gap = 8;
/** and is found in more than this share of the elements. A few large activations are data, which ranges must hold. */
const share = 1e-3;

/**
 * The elements of a value that are data; `undefined` where there are none. Elements of -8192 and less are a mask where they are many, and far
 * from all others: so causal and padding masks, which are added to scores, do not become the range of the scores.
 */
export function bodyOf(v: ValueStatistics): Body | undefined {
  if (v.count === 0) return undefined;
  const { bins, counts } = v.histogram;
  const outside = v.nonFinite + v.extreme;
  const far = bins.findIndex((b) => binEdges(b).high > maskBelow);
  const masked = counts.slice(0, Math.max(0, far)).reduce((n, c) => n + c, 0);
  const from = isMask(v, masked, far) ? far : 0;
  const min = from ? v.minAboveMasks! : v.min;
  return {
    min,
    max: v.max,
    count: v.count - (from ? masked : 0),
    masked: outside + (from ? masked : 0),
    bins: bins.slice(from).map((b, i) => {
      const { low, high } = binEdges(b);
      return {
        low: Math.min(Math.max(low, min), v.max),
        high: Math.max(Math.min(high, v.max), min),
        count: counts[from + i]!,
      };
    }),
  };
}

function isMask(v: ValueStatistics, masked: number, far: number): boolean {
  if (far <= 0 || v.minAboveMasks === undefined) return false;
  const nearest = -binEdges(v.histogram.bins[far - 1]!).high;
  const data = Math.max(Math.abs(v.minAboveMasks), Math.abs(v.max));
  return nearest >= gap * data && masked > share * v.count;
}
