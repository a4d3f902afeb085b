import type { Metric } from "./metric.ts";

/** How the error of columns that are rounded already is made up for by the next. */
export interface Feedback extends Metric {
  /** Columns in the order in which they are rounded: those that matter most first. */
  readonly order: Int32Array;
  /** For the `k`-th column in that order, what part of the errors of those before it it takes over: `n` times `n`, by `k`. */
  readonly factors: Float64Array;
  /** What the square of the `k`-th column's error costs, with that part. */
  readonly costs: Float64Array;
}

/** The sum of products of `n` elements of each. Four sums at a time: one alone waits for itself. */
export function dot(a: Float64Array, from: number, b: Float64Array, at: number, n: number): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let i = 0;
  for (; i + 3 < n; i += 4) {
    s0 += a[from + i]! * b[at + i]!;
    s1 += a[from + i + 1]! * b[at + i + 1]!;
    s2 += a[from + i + 2]! * b[at + i + 2]!;
    s3 += a[from + i + 3]! * b[at + i + 3]!;
  }
  for (; i < n; i++) s0 += a[from + i]! * b[at + i]!;
  return s0 + s1 + (s2 + s3);
}

/**
 * Factors `H`, its columns ordered, into `(1 + U) D (1 + U)ᵀ` with `U` above the diagonal. Then the error is the sum of
 * `D_k (e_k + Σ_{i<k} e_i U_ik)²`, and each term is least where the column is rounded with the sum in brackets made up for.
 */
export function feedbackOf(metric: Metric): Feedback {
  const { size: n, h } = metric;
  const order = Int32Array.from({ length: n }, (_, i) => i).sort((a, b) => h[b * n + b]! - h[a * n + a]! || a - b);
  // row k of `factors` is column k of U
  const factors = new Float64Array(n * n);
  const d = new Float64Array(n);
  const a = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) a[i * n + j] = h[order[i]! * n + order[j]!]!;
  // right-looking, from the last column on; only what lies on and below the diagonal is kept
  for (let k = n - 1; k >= 0; k--) {
    const row = k * n;
    const pivot = Math.max(a[row + k]!, 1e-300);
    d[k] = pivot;
    for (let i = 0; i < k; i++) factors[row + i] = a[row + i]! / pivot;
    for (let i = 0; i < k; i++) {
      const f = factors[row + i]!;
      if (f === 0) continue;
      const at = i * n;
      for (let j = 0; j <= i; j++) a[at + j]! -= f * a[row + j]!;
    }
  }
  return { ...metric, order, factors, costs: d };
}

/** Columns on their own: only the squares of their errors count. */
export const withoutFeedback = (m: Metric): Feedback => ({
  ...m,
  order: Int32Array.from({ length: m.size }, (_, i) => i),
  factors: new Float64Array(0),
  costs: Float64Array.from({ length: m.size }, (_, i) => m.h[i * m.size + i]!),
});

/** What a row of errors costs. */
export function costOf(pieces: readonly Feedback[], error: (column: number) => number): number {
  let sum = 0;
  for (const { from, size: n, order, factors, costs } of pieces) {
    const errors = new Float64Array(n);
    for (let k = 0; k < n; k++) {
      const e = error(from + order[k]!);
      errors[k] = e;
      sum += costs[k]! * (e + (factors.length ? dot(errors, 0, factors, k * n, k) : 0)) ** 2;
    }
  }
  return sum;
}
