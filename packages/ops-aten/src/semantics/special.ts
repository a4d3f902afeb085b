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
function erfcTail(x: number): number {
  if (x > 27) return 0;
  let f = 0;
  for (let n = 60; n > 0; n--) f = n / 2 / (x + f);
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + f);
}
