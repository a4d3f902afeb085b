/** Error function to double precision: the Taylor series near zero, a continued fraction for the tail. */
export function erf(x: number): number {
  if (Number.isNaN(x)) return x;
  const a = Math.abs(x);
  if (a > 6) return Math.sign(x);
  return a < 2.5 ? erfSeries(x) : Math.sign(x) * (1 - erfcTail(a));
}
/** Complementary error function, accurate in the tail where `1 - erf(x)` is not. */
export const erfc = (x: number): number => (x > 2.5 ? erfcTail(x) : 1 - erf(x));

function erfSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum) && n < 200; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}
/** `exp(x * x) * erfc(x)`, which neither under- nor overflows above zero. */
export const erfcx = (x: number): number => (x > 2.5 ? erfcxTail(x) : Math.exp(x * x) * erfc(x));
const erfcTail = (x: number): number => (x > 27 ? 0 : Math.exp(-x * x) * erfcxTail(x));
function erfcxTail(x: number): number {
  let f = 0;
  for (let n = 60; n > 0; n--) f = n / 2 / (x + f);
  return 1 / Math.sqrt(Math.PI) / (x + f);
}

/** Inverse of {@link erfc} for `y` in (0, 1]: Newton's method on the logarithm, which is nearly a parabola in the tail. */
function erfcInverse(y: number): number {
  const logY = Math.log(y);
  let x = y > 0.5 ? (1 - y) * 0.9 : Math.sqrt(Math.max(0, -logY));
  for (let i = 0; i < 60; i++) {
    const f = Math.log(erfcx(x)) - x * x - logY;
    const slope = -2 / Math.sqrt(Math.PI) / erfcx(x);
    const next = x - f / slope;
    if (Math.abs(next - x) <= 1e-16 * Math.abs(next)) return next;
    x = next;
  }
  return x;
}
/** Inverse of {@link erf}. */
export function erfinv(y: number): number {
  const a = Math.abs(y);
  if (!(a <= 1)) return Number.NaN;
  if (a === 1) return y * Infinity;
  if (a >= 0.5) return Math.sign(y) * erfcInverse(1 - a);
  let x = y * 0.886;
  for (let i = 0; i < 20; i++) x -= ((erf(x) - y) * Math.sqrt(Math.PI) * Math.exp(x * x)) / 2;
  return x;
}

/** Standard normal distribution function. */
export const ndtr = (x: number): number => erfc(-x / Math.SQRT2) / 2;
/** Its logarithm, also where the function itself underflows. */
export const logNdtr = (x: number): number =>
  x < -1 ? Math.log(erfcx(-x / Math.SQRT2) / 2) - (x * x) / 2 : Math.log1p(-erfc(x / Math.SQRT2) / 2);
/** Its inverse. */
export function ndtri(p: number): number {
  if (p === 0) return -Infinity;
  if (p === 1) return Infinity;
  if (!(p > 0 && p < 1)) return Number.NaN;
  return p < 0.5 ? -Math.SQRT2 * erfcInverse(2 * p) : Math.SQRT2 * erfinv(2 * p - 1);
}
