/** Coefficients B(2k) / (2k)! of the Euler-Maclaurin formula, and B(2k), from the Bernoulli numbers. */
const bernoulli = [
  1 / 6,
  -1 / 30,
  1 / 42,
  -1 / 30,
  5 / 66,
  -691 / 2730,
  7 / 6,
  -3617 / 510,
  43867 / 798,
  -174611 / 330,
];

/** Where the asymptotic series give double precision. */
const far = 15;

/** `log |gamma(x)|`: by Stirling's series far from zero, by recurrence near it, by reflection below. */
export function lgamma(x: number): number {
  if (Number.isNaN(x)) return x;
  if (!Number.isFinite(x) || (x <= 0 && Number.isInteger(x))) return Infinity;
  if (x < 0.5) return Math.log(Math.PI / Math.abs(sinPi(x))) - lgamma(1 - x);
  // near its zeros the difference of large terms would lose digits
  if (x < 3) return nearZeros(x);
  let product = 1;
  let z = x;
  for (; z < far; z++) product *= z;
  let series = 0;
  for (let k = bernoulli.length; k > 0; k--) series = series / (z * z) + bernoulli[k - 1]! / (2 * k * (2 * k - 1));
  return (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + series / z - Math.log(product);
}
const sinPi = (x: number): number => {
  const r = x - 2 * Math.round(x / 2);
  return Math.sin(Math.PI * (r > 0.5 ? 1 - r : r < -0.5 ? -1 - r : r));
};
/** `log gamma(2 + d) = (1 - c) d + sum of (-1)^k (zeta(k) - 1) / k d^k`; other places by recurrence. */
function nearZeros(x: number): number {
  if (x < 1.5) return nearZeros(x + 1) - Math.log(x);
  if (x > 2.5) return nearZeros(x - 1) + Math.log(x - 1);
  const d = x - 2;
  let sum = (1 - 0.5772156649015329) * d;
  let power = d;
  for (let k = 2; k < 60; k++) {
    power *= -d;
    sum -= (power * zetaMinusOne(k)) / k;
  }
  return sum;
}
const zetaTable: number[] = [];
/** `zeta(k) - 1`. */
const zetaMinusOne = (k: number): number => (zetaTable[k] ??= zeta(k, 2));

/** Derivative of {@link lgamma}. */
export function digamma(x: number): number {
  if (x === 0) return Object.is(x, -0) ? Infinity : -Infinity;
  if (Number.isNaN(x) || x === -Infinity || (x < 0 && Number.isInteger(x))) return Number.NaN;
  if (x === Infinity) return x;
  if (x < 0.5) {
    const r = x - Math.round(x);
    return digamma(1 - x) - Math.PI / Math.tan(Math.PI * r);
  }
  let sum = 0;
  let z = x;
  for (; z < far; z++) sum -= 1 / z;
  let series = 0;
  for (let k = bernoulli.length; k > 0; k--) series = series / (z * z) + bernoulli[k - 1]! / (2 * k);
  return sum + Math.log(z) - 0.5 / z - series / (z * z);
}

/** The sum of `(q + n) ** -s`: terms one by one, then the rest by the Euler-Maclaurin formula. */
export function zeta(s: number, q: number): number {
  if (s === 1) return Infinity;
  if (s < 1) return Number.NaN;
  if (q <= 0) return Number.isInteger(q) ? Infinity : Number.isInteger(s) ? shiftedZeta(s, q) : Number.NaN;
  return shiftedZeta(s, q);
}
function shiftedZeta(s: number, q: number): number {
  let sum = 0;
  let z = q;
  for (; z < 12; z++) sum += z ** -s;
  sum += z ** (1 - s) / (s - 1) + z ** -s / 2;
  let factor = s;
  let factorial = 2;
  for (let k = 1; k <= bernoulli.length; k++) {
    sum += ((bernoulli[k - 1]! * factor) / factorial) * z ** -(s + 2 * k - 1);
    factor *= (s + 2 * k - 1) * (s + 2 * k);
    factorial *= (2 * k + 1) * (2 * k + 2);
  }
  return sum;
}

/** The `n`-th derivative of {@link digamma}. */
export function polygamma(n: number, x: number): number {
  if (n === 0) return digamma(x);
  let factorial = 1;
  for (let k = 2; k <= n; k++) factorial *= k;
  return (n % 2 === 0 ? -1 : 1) * factorial * zeta(n + 1, x);
}
