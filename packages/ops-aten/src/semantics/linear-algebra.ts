/** A square matrix of numbers, row by row. */
export type Matrix = Float64Array;

/** LU decomposition with partial pivoting in place; the sign of the permutation, and where the rows went. */
export function decompose(a: Matrix, n: number): { readonly sign: number; readonly rows: number[] } {
  const rows = Array.from({ length: n }, (_, i) => i);
  let sign = 1;
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(a[i * n + k]!) > Math.abs(a[pivot * n + k]!)) pivot = i;
    if (pivot !== k) {
      for (let j = 0; j < n; j++) [a[k * n + j], a[pivot * n + j]] = [a[pivot * n + j]!, a[k * n + j]!];
      [rows[k], rows[pivot]] = [rows[pivot]!, rows[k]!];
      sign = -sign;
    }
    for (let i = k + 1; i < n; i++) {
      const factor = a[k * n + k] === 0 ? 0 : a[i * n + k]! / a[k * n + k]!;
      a[i * n + k] = factor;
      for (let j = k + 1; j < n; j++) a[i * n + j]! -= factor * a[k * n + j]!;
    }
  }
  return { sign, rows };
}

/** Determinant of a square matrix; 1 for none. */
export function determinant(m: Matrix, n: number): number {
  const a = m.slice();
  const { sign } = decompose(a, n);
  let out = sign;
  for (let k = 0; k < n; k++) out *= a[k * n + k]!;
  return out;
}

/** Inverse of a square matrix, and the first zero pivot, counted from 1; 0 when there is none. */
export function inverse(m: Matrix, n: number): { readonly inverse: Matrix; readonly singularAt: number } {
  const a = m.slice();
  const { rows } = decompose(a, n);
  const out = new Float64Array(n * n);
  for (let c = 0; c < n; c++) {
    const x = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      x[i] = rows[i] === c ? 1 : 0;
      for (let j = 0; j < i; j++) x[i]! -= a[i * n + j]! * x[j]!;
    }
    for (let i = n - 1; i >= 0; i--) {
      for (let j = i + 1; j < n; j++) x[i]! -= a[i * n + j]! * x[j]!;
      x[i]! /= a[i * n + i]!;
      out[i * n + c] = x[i]!;
    }
  }
  let singularAt = 0;
  for (let k = n - 1; k >= 0; k--) if (a[k * n + k] === 0) singularAt = k + 1;
  return { inverse: out, singularAt };
}
