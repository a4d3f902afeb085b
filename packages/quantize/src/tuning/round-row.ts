import { dot, type Feedback } from "./feedback.ts";

/** What a row of weights is rounded to: whole multiples of a scale for each column. */
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

/** Rounds the weights of a row one after the other, each making up for the errors of those before. Gives what that costs. */
export function roundWithFeedback(
  w: Float64Array,
  { scales, low, high }: RowGrid,
  pieces: readonly Feedback[],
  out: Float64Array,
): number {
  let sum = 0;
  for (const { from, size: n, order, factors, costs } of pieces) {
    const errors = new Float64Array(n);
    for (let k = 0; k < n; k++) {
      const owed = dot(errors, 0, factors, k * n, k);
      const column = from + order[k]!;
      const q = code((w[column]! + owed) / scales[column]!, low, high);
      out[column] = q;
      errors[k] = w[column]! - q * scales[column]!;
      sum += costs[k]! * (errors[k]! + owed) ** 2;
    }
  }
  return sum;
}

/** What the errors of a row do at the output: `H e`. */
export function gradientOf(pieces: readonly Feedback[], e: Float64Array): Float64Array {
  const out = new Float64Array(e.length);
  for (const { from, size: n, h } of pieces) for (let i = 0; i < n; i++) out[from + i] = dot(h, i * n, e, from, n);
  return out;
}

/** How often all columns are looked at again. */
const sweeps = 4;

/** Moves single codes for as long as that makes the error less. `e` and `g` are the errors and {@link gradientOf} them, and stay so. Gives the cost. */
export function improveCodes(
  { scales, low, high }: RowGrid,
  pieces: readonly Feedback[],
  codes: Float64Array,
  e: Float64Array,
  g: Float64Array,
): number {
  let sum = 0;
  for (const { from, size: n, order, h } of pieces) {
    for (let sweep = 0; sweep < sweeps; sweep++) {
      let moved = false;
      for (let k = 0; k < n; k++) {
        const i = order[k]!;
        const column = from + i;
        const s = scales[column]!;
        const was = codes[column]!;
        const wanted = g[column]! / (s * h[i * n + i]!);
        if (wanted > -0.5 && wanted < 0.5) continue;
        const now = code(was + wanted, low, high);
        const step = (now - was) * s;
        // the error falls by 2 step g - step² h
        const gain = 2 * step * g[column]! - step * step * h[i * n + i]!;
        if (now === was || gain <= 1e-12 * Math.abs(step * g[column]!)) continue;
        codes[column] = now;
        e[column]! -= step;
        for (let j = 0, at = i * n; j < n; j++, at++) g[from + j]! -= step * h[at]!;
        moved = true;
      }
      if (!moved) break;
    }
    sum += dot(e, from, g, from, n);
  }
  return sum;
}
