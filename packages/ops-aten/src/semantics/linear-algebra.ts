/** A matrix of numbers, row by row. */
export type Matrix = Float64Array;

/** LU decomposition with partial pivoting in place; the sign of the permutation, and where the rows went. */
function decompose(a: Matrix, n: number): { readonly sign: number; readonly rows: number[] } {
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

/** Sign and logarithm of the absolute value of the determinant of a square matrix. */
export function logDeterminant(m: Matrix): { readonly sign: number; readonly log: number } {
  const n = Math.sqrt(m.length);
  const a = m.slice();
  let { sign } = decompose(a, n);
  let log = 0;
  for (let k = 0; k < n; k++) {
    sign *= Math.sign(a[k * n + k]!);
    log += Math.log(Math.abs(a[k * n + k]!));
  }
  return { sign, log };
}
/** Determinant of a square matrix; 1 for none. */
export function determinant(m: Matrix): number {
  const n = Math.sqrt(m.length);
  const a = m.slice();
  let { sign: out } = decompose(a, n);
  for (let k = 0; k < n; k++) out *= a[k * n + k]!;
  return out;
}

/** The first zero pivot of the elimination of a square matrix, counted from 1; 0 when there is none. */
export function singularAt(m: Matrix): number {
  const n = Math.sqrt(m.length);
  const a = m.slice();
  decompose(a, n);
  for (let k = 0; k < n; k++) if (a[k * n + k] === 0) return k + 1;
  return 0;
}

/** Solution of `m x = b`, of as many columns as `b` has. */
export function solve(m: Matrix, b: Matrix): Matrix {
  const n = Math.sqrt(m.length);
  const columns = n === 0 ? 0 : b.length / n;
  const a = m.slice();
  const { rows } = decompose(a, n);
  const x = new Float64Array(b.length);
  for (let c = 0; c < columns; c++) {
    for (let i = 0; i < n; i++) {
      let v = b[rows[i]! * columns + c]!;
      for (let j = 0; j < i; j++) v -= a[i * n + j]! * x[j * columns + c]!;
      x[i * columns + c] = v;
    }
    for (let i = n - 1; i >= 0; i--) {
      let v = x[i * columns + c]!;
      for (let j = i + 1; j < n; j++) v -= a[i * n + j]! * x[j * columns + c]!;
      x[i * columns + c] = v / a[i * n + i]!;
    }
  }
  return x;
}
export const identity = (n: number): Matrix =>
  Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));
/** Inverse of a square matrix. */
export const inverse = (m: Matrix): Matrix => solve(m, identity(Math.sqrt(m.length)));

export function transpose(m: Matrix, rows: number): Matrix {
  const columns = rows === 0 ? 0 : m.length / rows;
  return Float64Array.from(m, (_, i) => m[(i % rows) * columns + Math.floor(i / rows)]!);
}

/** Solution of `m x = b` with a triangular `m`, of which only that triangle is read. */
export function solveTriangular(m: Matrix, b: Matrix, upper: boolean, unit: boolean): Matrix {
  const n = Math.sqrt(m.length);
  const columns = n === 0 ? 0 : b.length / n;
  const x = new Float64Array(b.length);
  for (let step = 0; step < n; step++) {
    const i = upper ? n - 1 - step : step;
    for (let c = 0; c < columns; c++) {
      let v = b[i * columns + c]!;
      for (let j = upper ? i + 1 : 0; j < (upper ? n : i); j++) v -= m[i * n + j]! * x[j * columns + c]!;
      x[i * columns + c] = unit ? v : v / m[i * n + i]!;
    }
  }
  return x;
}

/** Lower Cholesky factor of a symmetric matrix, of which only the lower triangle is read; NaN where it is not positive definite. */
export function cholesky(m: Matrix): Matrix {
  const n = Math.sqrt(m.length);
  const l = new Float64Array(m.length);
  for (let j = 0; j < n; j++)
    for (let i = j; i < n; i++) {
      let v = m[i * n + j]!;
      for (let k = 0; k < j; k++) v -= l[i * n + k]! * l[j * n + k]!;
      l[i * n + j] = i === j ? Math.sqrt(v) : v / l[j * n + j]!;
    }
  return l;
}
