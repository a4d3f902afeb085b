import { roundHalfEven } from "../functions.ts";
import { roundAway } from "./fixed-point.ts";

const f = Math.fround;

/** Floats as bytes: `real = scale * (code - zero)`. */
export interface DynamicCodes {
  readonly scale: number;
  readonly zero: number;
}

/** Writes codes of `x` to `out`, which begin at `from`. */
export type Quantize = (x: ArrayLike<number>, from: number, count: number, out: Int32Array) => DynamicCodes;

function rangeOf(x: ArrayLike<number>, from: number, count: number): readonly [min: number, max: number] {
  let [min, max] = [Infinity, -Infinity];
  for (let i = from; i < from + count; i++) {
    const v = x[i]!;
    if (v < min) min = v;
    if (v > max) max = v;
  }
  return [min, max];
}

/** Zero is code 0, and the largest magnitude is 127. */
export const symmetricCodes: Quantize = (x, from, count, out) => {
  const [min, max] = rangeOf(x, from, count);
  const range = Math.max(Math.abs(min), Math.abs(max));
  if (range === 0) {
    out.fill(0, from, from + count);
    return { scale: 1, zero: 0 };
  }
  const inverse = f(127 / range);
  for (let i = from; i < from + count; i++) out[i] = Math.min(127, Math.max(-127, roundAway(f(x[i]! * inverse))));
  return { scale: f(range / 127), zero: 0 };
};

/** All 256 codes, from the least to the largest element; zero has a code of its own. */
export const asymmetricCodes: Quantize = (x, from, count, out) => {
  const [least, most] = rangeOf(x, from, count);
  const [min, max] = [Math.min(0, least), Math.max(0, most)];
  if (min === max) {
    out.fill(0, from, from + count);
    return { scale: 1, zero: 0 };
  }
  const step = (max - min) / 255;
  const fromMin = -128 - min / step;
  const fromMax = 127 - max / step;
  const nearer = 128 + Math.abs(min / step) < 127 + Math.abs(max / step) ? fromMin : fromMax;
  const zero = nearer <= -128 ? -128 : nearer >= 127 ? 127 : roundAway(nearer);
  const scale = f(step);
  const inverse = f(1 / scale);
  for (let i = from; i < from + count; i++)
    out[i] = Math.min(127, Math.max(-128, roundAway(f(zero + f(x[i]! * inverse)))));
  return { scale, zero };
};

/** As the delegate quantizes: all codes, products with the reciprocal, ties to even. */
export const delegatedCodes: Quantize = (x, from, count, out) => {
  const [least, most] = rangeOf(x, from, count);
  const [min, max] = [Math.min(0, least), Math.max(0, most)];
  const factor = min === max ? 1 : f(255 / f(max - min));
  const [low, high] = [f(min * factor), f(max * factor)];
  const nearer = f(f(-128 + low) + f(127 + high)) > 0 ? f(-128 - low) : f(127 - high);
  const zero = roundHalfEven(Math.min(127, Math.max(-128, nearer)));
  for (let i = from; i < from + count; i++)
    out[i] = Math.min(127, Math.max(-128, roundHalfEven(f(x[i]! * factor)) + zero));
  return { scale: f(1 / factor), zero };
};
