import type { Range } from "../statistics/range.ts";
import type { ValueStatistics } from "../statistics/value-statistics.ts";
import { type Body, bodyOf } from "./body.ts";

/** What values are to be rounded to. */
export interface Grid {
  readonly bits: number;
  /** Whether zero lies in the middle, as it must for 16 bits. */
  readonly symmetric?: boolean;
}

/** Ends that are tried lie this factor apart, */
const step = 2 ** (-1 / 16);
/** as far down as here. */
const tries = 64;
const factors = Array.from({ length: tries }, (_, i) => step ** i);

/**
 * The range that makes the mean squared error of rounding and clipping least; `undefined` where there are no elements. Never wider than the
 * elements. Such an error is not the error of the outputs: try it, and look at those.
 */
export function mseRange(v: ValueStatistics, grid: Grid): Range | undefined {
  const body = bodyOf(v);
  if (!body) return undefined;
  let best: Range = { min: body.min, max: body.max };
  let least = roundingError(body, best, grid);
  const attempt = (r: Range): void => {
    if (r.min > r.max) return; // data far on one side of zero
    const error = roundingError(body, r, grid);
    if (error < least) [best, least] = [r, error];
  };
  // a number that is the end on the other side of zero stays
  const low = (min: number, f: number): number => (min < 0 ? min * f : min);
  const high = (max: number, f: number): number => (max > 0 ? max * f : max);
  if (grid.symmetric) {
    const largest = Math.max(-body.min, body.max);
    for (const f of factors) attempt({ min: Math.max(body.min, -largest * f), max: Math.min(body.max, largest * f) });
    return best;
  }
  for (const f of factors) attempt({ min: low(body.min, f), max: high(body.max, f) });
  const { min, max } = best;
  for (const f of factors) attempt({ min: low(body.min, f), max });
  const near = best.min;
  for (const f of factors) attempt({ min: near, max: high(body.max, f) });
  for (const f of factors) attempt({ min: low(min, f), max: best.max });
  return best;
}

/** The sum of squared errors of rounding the elements to a grid over `r` and zero. */
export function roundingError(body: Body, r: Range, { bits, symmetric = false }: Grid): number {
  const largest = Math.max(-r.min, r.max, 0);
  const [low, high] = symmetric ? [-largest, largest] : [Math.min(0, r.min), Math.max(0, r.max)];
  const width = (high - low) / (2 ** bits - (symmetric ? 2 : 1));
  let sum = 0;
  for (const b of body.bins) {
    const size = b.high - b.low;
    const middle = (b.low + b.high) / 2;
    if (middle > high || middle < low) {
      const beyond = middle > high ? middle - high : middle - low;
      sum += b.count * (beyond * beyond + (size * size) / 12);
    } else if (size >= width) sum += (b.count * width * width) / 12;
    else sum += (b.count * (squaredAt(b.low, width) + 4 * squaredAt(middle, width) + squaredAt(b.high, width))) / 6;
  }
  return sum;
}
function squaredAt(x: number, width: number): number {
  const error = x - Math.round(x / width) * width;
  return error * error;
}
