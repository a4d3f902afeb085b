/** Nearest integer, ties to even. */
export function roundHalfEven(x: number): number {
  const f = Math.floor(x);
  const d = x - f;
  const up = d > 0.5 || (d === 0.5 && f % 2 !== 0);
  const r = up ? f + 1 : f;
  return r === 0 && (x < 0 || Object.is(x, -0)) ? -0 : Number.isFinite(x) ? r : x;
}

/** -1, 0 or 1; PyTorch gives zero for NaN. */
export const signOf = (x: number): number => (x > 0 ? 1 : x < 0 ? -1 : 0);
export const isNegative = (x: number): boolean => x < 0 || Object.is(x, -0);

/** The larger; NaN where one is NaN. `Math.max` does the same, but puts +0 above -0. */
export const larger = (a: number, b: number): number => (Number.isNaN(a) || a > b ? a : b);
export const smaller = (a: number, b: number): number => (Number.isNaN(a) || a < b ? a : b);
/** `min(max(x, low), high)`; NaN where one of them is. */
export const clampTo = (x: number, low: number, high: number): number => smaller(larger(x, low), high);

/** `log(exp(a) + exp(b))` without overflow. */
export function logAddExp(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.NaN;
  const m = Math.max(a, b);
  return Number.isFinite(m) ? m + Math.log1p(Math.exp(-Math.abs(a - b))) : m;
}

/** Remainder with the sign of `b`, as PyTorch computes it for floats. */
export function floorRemainder(a: number, b: number): number {
  const r = a % b;
  return r !== 0 && r < 0 !== b < 0 ? r + b : r;
}

/** Quotient rounded towards minus infinity, as PyTorch computes it for floats: whole numbers are not missed by a rounded division. */
export function floorQuotient(a: number, b: number, round: (x: number) => number): number {
  if (b === 0) return a / b;
  const r = a % b;
  let q = round(round(a - r) / b);
  if (r !== 0 && b < 0 !== r < 0) q = round(q - 1);
  if (q === 0) return isNegative(round(a / b)) ? -0 : 0;
  const f = Math.floor(q);
  return q - f > 0.5 ? f + 1 : f;
}

/** `x` to the power of `y` as C has it: `1 ** y` and `x ** 0` are one even where the other is NaN. */
export const power = (x: number, y: number): number =>
  x === 1 ? 1 : x === -1 && !Number.isFinite(y) && !Number.isNaN(y) ? 1 : x ** y;

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
/** `log(1 + exp(x))` without overflow. */
export const softplus = (x: number): number => (x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x)));
/** `x * log(y)`, zero where `x` is zero. */
export const xLogY = (x: number, y: number): number => (Number.isNaN(y) ? y : x === 0 ? 0 : x * Math.log(y));
/** `x * log(1 + y)`, zero where `x` is zero. */
export const xLog1pY = (x: number, y: number): number => (Number.isNaN(y) ? y : x === 0 ? 0 : x * Math.log1p(y));

/** Largest finite number of a float dtype. */
export const largestOf = (dtype: string): number =>
  dtype === "f64"
    ? Number.MAX_VALUE
    : dtype === "f16"
      ? 65504
      : dtype === "bf16"
        ? 3.3895313892515355e38
        : 3.4028234663852886e38;
/** `log(sigmoid(x))` without underflow. */
export const logSigmoid = (x: number): number => Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x)));
