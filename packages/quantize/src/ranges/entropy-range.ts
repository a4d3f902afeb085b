import type { Range } from "../statistics/range.ts";
import type { ValueStatistics } from "../statistics/value-statistics.ts";
import { type Body, bodyOf } from "./body.ts";

/** Magnitudes are counted in so many equal bins, */
const bins = 2048;
/** and so many of them are taken off at a time. */
const step = 16;

/**
 * The range whose rounded distribution of magnitudes has the least Kullback-Leibler divergence from the one seen; `undefined` where there are
 * no elements. Never wider than the elements. For so many bits that every bin would have a level of its own, it is the whole range.
 */
export function entropyRange(v: ValueStatistics, bits: number): Range | undefined {
  const body = bodyOf(v);
  if (!body) return undefined;
  const levels = 2 ** (body.min < 0 && body.max > 0 ? bits - 1 : bits);
  const largest = Math.max(-body.min, body.max);
  if (levels >= bins || largest <= 0) return { min: body.min, max: body.max };
  const seen = magnitudes(body, largest);
  let best = bins;
  let least = Number.POSITIVE_INFINITY;
  // from the widest on: of equally good ones it stays
  for (let kept = bins; kept >= levels; kept -= step) {
    const d = divergence(seen, kept, levels);
    if (d < least) [best, least] = [kept, d];
  }
  const limit = (largest * best) / bins;
  const min = Math.max(body.min, -limit);
  const max = Math.min(body.max, limit);
  // all data on one side of zero and beyond the limit
  return { min: Math.min(min, max), max: Math.max(min, max) };
}

/** How many elements have which magnitude. Zero is on every grid, so zeros do not count. */
function magnitudes(body: Body, largest: number): Float64Array {
  const out = new Float64Array(bins);
  for (const { low, high, count } of body.bins) {
    if (low <= 0 && high >= 0) continue;
    const [a, b] = [Math.abs(low), Math.abs(high)].sort((x, y) => x - y).map((x) => (x / largest) * bins) as [
      number,
      number,
    ];
    const [first, last] = [Math.min(bins - 1, Math.floor(a)), Math.min(bins - 1, Math.floor(b))];
    if (first === last || b === a) out[first]! += count;
    else
      for (let i = first; i <= last; i++)
        out[i]! += (count * Math.max(0, Math.min(i + 1, b) - Math.max(i, a))) / (b - a);
  }
  return out;
}

/** Of the first `kept` bins, the last of which takes all that follow, from the same in `levels` steps. */
function divergence(seen: Float64Array, kept: number, levels: number): number {
  let total = 0;
  let beyond = 0;
  for (let i = 0; i < bins; i++) {
    total += seen[i]!;
    if (i >= kept) beyond += seen[i]!;
  }
  const inside = total - beyond;
  if (inside <= 0) return Number.POSITIVE_INFINITY;
  let sum = 0;
  for (let level = 0; level < levels; level++) {
    const [from, to] = [Math.floor((level * kept) / levels), Math.floor(((level + 1) * kept) / levels)];
    let [mass, filled] = [0, 0];
    for (let i = from; i < to; i++) {
      mass += seen[i]!;
      if (seen[i]! > 0) filled++;
    }
    for (let i = from; i < to; i++) {
      const p = (seen[i]! + (i === kept - 1 ? beyond : 0)) / total;
      if (p === 0) continue;
      const q = seen[i]! > 0 ? mass / filled / inside : 0;
      if (q === 0) return Number.POSITIVE_INFINITY;
      sum += p * Math.log(p / q);
    }
  }
  return sum;
}
