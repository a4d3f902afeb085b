/** A power series in `(x / 2) ** 2`, all of whose terms are positive. */
function series(x: number, order: 0 | 1): number {
  const q = (x * x) / 4;
  let term = order === 0 ? 1 : x / 2;
  let sum = term;
  for (let k = 1; term > 1e-17 * sum && k < 500; k++) {
    term *= q / (k * (k + order));
    sum += term;
  }
  return sum;
}
/** `exp(-x) * I(x)` for large `x`, as a series in `1 / x`. */
function asymptotic(x: number, order: 0 | 1): number {
  const m = 4 * order * order;
  let term = 1;
  let sum = 1;
  for (let k = 1; k < 30; k++) {
    const next = (-term * (m - (2 * k - 1) ** 2)) / (k * 8 * x);
    if (Math.abs(next) > Math.abs(term)) break;
    term = next;
    sum += term;
  }
  return sum / Math.sqrt(2 * Math.PI * x);
}
const scaled = (a: number, order: 0 | 1): number => (a > 40 ? asymptotic(a, order) : Math.exp(-a) * series(a, order));

/** `exp(-|x|)` times the modified Bessel function of the first kind and order zero. */
export const i0e = (x: number): number => (Number.isFinite(x) ? scaled(Math.abs(x), 0) : Number.isNaN(x) ? x : 0);
export const i1e = (x: number): number =>
  Number.isFinite(x) ? (x < 0 ? -1 : 1) * (x === 0 ? 0 : scaled(Math.abs(x), 1)) : Number.isNaN(x) ? x : 0;
/** The modified Bessel function of the first kind and order zero. */
export const i0 = (x: number): number => (Math.abs(x) === Infinity ? Infinity : i0e(x) * Math.exp(Math.abs(x)));
export const i1 = (x: number): number => (Math.abs(x) === Infinity ? x : i1e(x) * Math.exp(Math.abs(x)));
