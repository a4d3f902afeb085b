/** Error function to double precision: the Taylor series near zero, a continued fraction for the tail. */
export function erf(x: number): number {
  if (Number.isNaN(x)) return x;
  const a = Math.abs(x);
  if (a > 6) return Math.sign(x);
  return a < 2.5 ? series(x) : Math.sign(x) * (1 - tail(a));
}
function series(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum) && n < 200; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}
function tail(x: number): number {
  if (x > 27) return 0;
  let f = 0;
  for (let n = 60; n > 0; n--) f = n / 2 / (x + f);
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + f);
}

/** `x * Phi(x)`; the tail is computed as such, where `1 + erf` would cancel. */
export function gelu(x: number): number {
  if (x === -Infinity) return Number.NaN;
  const t = -x / Math.SQRT2;
  return 0.5 * x * (t > 2.5 ? tail(t) : 1 + erf(-t));
}
export const geluTanh = (x: number): number =>
  0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
/** NaN stays NaN, and a zero its sign. */
export function clamp(x: number, low: number, high: number): number {
  if (x < low) return low;
  if (x > high) return high;
  return x;
}

/** Ties go to the even neighbour; zeros keep their sign. */
export function roundHalfEven(x: number): number {
  const down = Math.floor(x);
  const rest = x - down;
  if (Number.isNaN(rest)) return x;
  const out = rest < 0.5 ? down : rest > 0.5 ? down + 1 : down % 2 === 0 ? down : down + 1;
  return out === 0 && (x < 0 || Object.is(x, -0)) ? -0 : out;
}
