import { tfl } from "@tflower/backend-tflite";
import type { Emit, Value } from "@tflower/core";
import { float } from "./convert.ts";
import { abs, add, div, isEqual, isLess, isMore, minusFrom, mul, neg, plus, select, sub, times } from "./pointwise.ts";
import { polynomial, rational } from "./polynomial.ts";
import { between, exp, log, log1p, sqrt, square } from "./transcendental.ts";

// The coefficients below are minimax fits of our own, by reweighted least squares on Chebyshev nodes; the largest relative error of
// each is stated beside it. float32 itself rounds at 6e-8.

/** `erf(x) / x` in `x * x` up to 4, where `erf` is one: 2.5e-8. */
const erfTop = [1.12837914, 0.193543053, 0.0531014792, 0.0038832571, 0.000284563815, 1.9867964e-6];
const erfBottom = [1, 0.504855622, 0.115349168, 0.0152070781, 0.00118554978, 3.74202107e-5];
export function erf(emit: Emit, x: Value): Value {
  const near = between(emit, x, -4, 4);
  return between(emit, mul(emit, near, rational(emit, square(emit, near), erfTop, erfBottom)), -1, 1);
}

/** `erfcx(x) / t` in `t = 1 / (1 + 0.35 x)` for `x` from 0 to 11: 8.1e-9. Beyond, both fall off as `1 / x`. */
const erfcxTerms = [
  0.1974776, 0.197252533, 0.186997366, 0.15522944, 0.134805796, 0.107197904, -0.0511679353, 0.198524513, -0.165984916,
  0.0396677073,
];
/** `exp(x * x) * erfc(x)` for `x` from 0 on. */
function scaledTail(emit: Emit, x: Value): Value {
  const t = div(emit, float(emit, 1), plus(emit, times(emit, x, 0.35), 1));
  const near = mul(emit, t, polynomial(emit, t, erfcxTerms));
  // the first terms of the asymptotic series
  const y = div(emit, float(emit, 1), x);
  const squared = square(emit, y);
  const far = mul(emit, times(emit, y, 1 / Math.sqrt(Math.PI)), polynomial(emit, squared, [1, -0.5, 0.75, -1.875]));
  return select(emit, isMore(emit, x, float(emit, 10)), far, near);
}
/** `exp(-x * x)`: the square is split, since rounding it would cost digits of the result. */
function gaussian(emit: Emit, x: Value): Value {
  const coarse = times(emit, emit(tfl.round, { input: times(emit, x, 16) }), 1 / 16);
  const fine = mul(emit, sub(emit, coarse, x), add(emit, coarse, x));
  return mul(emit, exp(emit, neg(emit, square(emit, coarse))), exp(emit, fine));
}
/** From here on `exp(-x * x)` is zero; the parts of a split square would be infinite. */
const farthest = 20;
export function erfc(emit: Emit, x: Value): Value {
  const a = between(emit, abs(emit, x), 0, farthest);
  const y = mul(emit, gaussian(emit, a), scaledTail(emit, a));
  return select(emit, isLess(emit, x, float(emit, 0)), minusFrom(emit, 2, y), y);
}
export function erfcx(emit: Emit, x: Value): Value {
  const a = abs(emit, x);
  const y = scaledTail(emit, a);
  return select(emit, isLess(emit, x, float(emit, 0)), sub(emit, times(emit, exp(emit, square(emit, x)), 2), y), y);
}

export const ndtr = (emit: Emit, x: Value): Value => times(emit, erfc(emit, times(emit, x, -Math.SQRT1_2)), 0.5);
/** In the lower tail the logarithm is taken before the function underflows. */
export function logNdtr(emit: Emit, x: Value): Value {
  const y = times(emit, x, -Math.SQRT1_2);
  const tail = sub(emit, log(emit, times(emit, scaledTail(emit, emit(tfl.relu, { input: y })), 0.5)), square(emit, y));
  const body = log1p(emit, times(emit, erfc(emit, neg(emit, y)), -0.5));
  return select(emit, isLess(emit, x, float(emit, -1)), tail, body);
}

/** `erfinv(x) / x` in `w = -log(1 - x * x)`: around 2.5 up to 5 (5.6e-9), in `sqrt(w) - 3` up to 17.5 (1.6e-8) and in `sqrt(w) - 6` beyond. */
const central = [
  1.50140936, 0.246640286, -0.00417738678, -0.00125274188, 0.000218344439, -4.96334786e-6, -3.46270476e-6,
  4.66170664e-7, 2.32326444e-8, -8.7910565e-9,
];
const outer = [
  2.83297682, 1.00167482, 0.0094443862, -0.00763503688, 0.00569451673, -0.00360793438, 0.00146568223, -3.62075864e-5,
  -0.000294174441, 0.000100986995,
];
function inverseSlope(emit: Emit, w: Value): Value {
  const near = polynomial(emit, plus(emit, w, -2.5), central);
  const far = polynomial(emit, plus(emit, sqrt(emit, w), -3), outer);
  return select(emit, isLess(emit, w, float(emit, 5)), near, far);
}
export function erfinv(emit: Emit, x: Value): Value {
  const w = neg(emit, log(emit, mul(emit, minusFrom(emit, 1, x), plus(emit, x, 1))));
  const inside = mul(emit, x, inverseSlope(emit, w));
  return select(emit, isEqual(emit, abs(emit, x), float(emit, 1)), mul(emit, x, float(emit, Infinity)), inside);
}

const deep = [5.85991544, 1.00960245, -0.000481084158, -3.95264444e-5, 2.55669865e-5, -6.93163862e-6, 7.62830337e-7];
/** Inverse of {@link ndtr}: `sqrt(2) erfinv(2 p - 1)`, with `1 - x * x` known exactly as `4 p (1 - p)`. */
export function ndtri(emit: Emit, p: Value): Value {
  const w = neg(emit, log(emit, mul(emit, times(emit, p, 4), minusFrom(emit, 1, p))));
  const beyond = polynomial(emit, plus(emit, sqrt(emit, w), -6), deep);
  const slope = select(emit, isMore(emit, w, float(emit, 17)), beyond, inverseSlope(emit, w));
  return times(emit, mul(emit, plus(emit, times(emit, p, 2), -1), slope), Math.SQRT2);
}
