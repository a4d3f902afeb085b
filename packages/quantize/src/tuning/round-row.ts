import type { Feedback } from "./feedback.ts";

/** What a row of weights is rounded to: multiples of a scale for each column, or whatever `nearest` gives. */
export interface RowGrid {
  /** By column. */
  readonly scales: Float64Array;
  readonly low: number;
  readonly high: number;
}

/** Nearest integer, clamped. */
const code = (x: number, low: number, high: number): number => {
  const q = Math.round(x);
  return Math.min(high, Math.max(low, q));
};

/** Each weight to the nearest multiple. */
export function roundNearest(w: Float64Array, { scales, low, high }: RowGrid, out: Float64Array): void {
  for (let i = 0; i < w.length; i++) out[i] = code(w[i]! / scales[i]!, low, high);
}

/** Rounds the weights of a row one after the other, each making up for the errors of those before. Gives codes. */
export function roundWithFeedback(
  w: Float64Array,
  grid: RowGrid,
  pieces: readonly Feedback[],
  out: Float64Array,
): void {
  const { scales, low, high } = grid;
  for (const { from, size: n, order, factors } of pieces) {
    const errors = new Float64Array(n);
    for (let k = 0; k < n; k++) {
      const at = k * n;
      let owed = 0;
      for (let i = 0; i < k; i++) owed += errors[i]! * factors[at + i]!;
      const column = from + order[k]!;
      const q = code((w[column]! + owed) / scales[column]!, low, high);
      out[column] = q;
      errors[k] = w[column]! - q * scales[column]!;
    }
  }
}

/** How often all columns are looked at again. */
const sweeps = 4;

/** Moves single codes for as long as that makes the error less. Gives the error. */
export function improveCodes(
  w: Float64Array,
  { scales, low, high }: RowGrid,
  pieces: readonly Feedback[],
  codes: Float64Array,
): number {
  let sum = 0;
  for (const { from, size: n, order, h } of pieces) {
    const e = new Float64Array(n);
    for (let i = 0; i < n; i++) e[i] = w[from + i]! - codes[from + i]! * scales[from + i]!;
    const g = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      let dot = 0;
      for (let j = 0, at = i * n; j < n; j++, at++) dot += h[at]! * e[j]!;
      g[i] = dot;
    }
    for (let sweep = 0; sweep < sweeps; sweep++) {
      let moved = false;
      for (let k = 0; k < n; k++) {
        const i = order[k]!;
        const s = scales[from + i]!;
        const was = codes[from + i]!;
        const now = code(was + g[i]! / (s * h[i * n + i]!), low, high);
        const step = (now - was) * s;
        // the error falls by 2 step g - step² h
        if (now === was || 2 * step * g[i]! - step * step * h[i * n + i]! <= 1e-12 * Math.abs(step * g[i]!)) continue;
        codes[from + i] = now;
        e[i]! -= step;
        for (let j = 0, at = i * n; j < n; j++, at++) g[j]! -= step * h[at]!;
        moved = true;
      }
      if (!moved) break;
    }
    for (let i = 0; i < n; i++) sum += e[i]! * g[i]!;
  }
  return sum;
}
