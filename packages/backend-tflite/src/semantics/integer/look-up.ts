import { roundAway } from "./fixed-point.ts";
import type { CodeRule } from "./unary.ts";

/** A function of reals in single precision. `low` is the least real that the result can stand for, `high` the largest. */
export type RealRule = (x: number, low: number, high: number) => number;

/**
 * Functions that kernels have tables for: of all bytes, or of 512 steps between which 16-bit codes are interpolated. Which dtypes there
 * are kernels for differs.
 */
export const tableRule =
  (f: RealRule, dtypes: readonly string[] = ["i8", "u8"]): CodeRule =>
  (from, to) => {
    if (!dtypes.includes(from.dtype)) return undefined;
    const low = Math.fround((to.low - to.zero) * to.scale);
    const high = Math.fround(to.high * to.scale);
    const real = (x: number): number => Math.fround(f(x, low, high));
    if (from.dtype === "i16") {
      const range = { min: from.scale * (from.low - from.zero), max: from.scale * (from.high - from.zero) };
      return interpolated(sampled(real, range, { min: to.scale * to.low, max: to.scale * to.high }, Math.fround));
    }
    const inverse = Math.fround(1 / to.scale);
    const table = new Map<number, number>();
    const compute = (code: number): number => {
      const x = Math.fround(from.scale * (code - from.zero));
      return Math.fround(roundAway(Math.fround(real(x) * inverse)) + to.zero);
    };
    return (code) => {
      const known = table.get(code);
      if (known !== undefined) return known;
      const value = compute(code);
      table.set(code, value);
      return value;
    };
  };

interface Span {
  readonly min: number;
  readonly max: number;
}
const steps = 512;

/** Codes of a function at 513 places, nudged by half of what interpolation is off between them. `round` is the precision of it all. */
export function sampled(f: (x: number) => number, input: Span, output: Span, round: (x: number) => number): Int16Array {
  const [min, max] = [round(input.min), round(input.max)];
  const step = round(round(max - min) / steps);
  const half = round(step / 2);
  const scale = round(65536 / round(round(output.max) - round(output.min)));
  const clamp = (x: number): number => Math.min(Math.max(x, -32768), 32767);
  const place = (i: number): number => round(min + round(i * step));
  const table = new Int16Array(steps + 1);
  for (let i = 0; i < steps; i++) {
    const here = roundAway(round(f(place(i)) * scale));
    const middle = roundAway(round(f(round(place(i) + half)) * scale));
    const line = roundAway(round(round(round(f(place(i + 1)) * scale) + here) / 2));
    table[i] = clamp(here - roundAway(round((line - middle) / 2)));
  }
  table[steps] = clamp(roundAway(round(f(max) * scale)));
  return table;
}

/** The function of 16-bit codes that a table of 513 samples stands for. */
export const interpolated =
  (table: Int16Array) =>
  (code: number): number => {
    const at = 256 + (code >> 7);
    const base = table[at]!;
    return ((base + (((table[at + 1]! - base) * (code & 127) + 64) >> 7)) << 16) >> 16;
  };
