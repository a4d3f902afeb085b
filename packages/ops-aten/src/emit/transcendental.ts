import { tfl } from "@tflower/backend-tflite";
import type { Emit, Value } from "@tflower/core";
import { float, numberValue } from "./convert.ts";
import { fillLike } from "./fill.ts";
import { abs, add, atLeast, atMost, div, isEqual, isMore, minusFrom, mul, neg, plus, select, sub, times } from "./pointwise.ts";

export const exp = (emit: Emit, input: Value): Value => emit(tfl.exp, { input });
export const log = (emit: Emit, input: Value): Value => emit(tfl.log, { input });
export const sqrt = (emit: Emit, input: Value): Value => emit(tfl.sqrt, { input });
export const square = (emit: Emit, x: Value): Value => mul(emit, x, x);
/** `1 / x`. */
export const reciprocal = (emit: Emit, x: Value): Value => div(emit, float(emit, 1), x);

/**
 * `log(1 + x)`. The sum `u` drops low digits of `x`; what it drops, `x - (u - 1)`, is known exactly, and so small that
 * `log(u + r) = log(u) + r / u`.
 */
export function log1p(emit: Emit, x: Value): Value {
  const u = plus(emit, x, 1);
  const kept = plus(emit, u, -1);
  const whole = log(emit, u);
  // nothing was dropped: also at -1 and at infinity, where the quotient is NaN
  return select(emit, isEqual(emit, kept, x), whole, add(emit, whole, div(emit, sub(emit, x, kept), u)));
}
/** {@link log1p} for `x` between 0 and 1, where `u` is so near to 1 that it does not matter as a divisor. */
export function log1pOfFraction(emit: Emit, x: Value): Value {
  const u = plus(emit, x, 1);
  return add(emit, log(emit, u), sub(emit, x, plus(emit, u, -1)));
}

/** `exp(x) - 1`: what ELU computes below zero; above, `expm1(x) = -expm1(-x) * exp(x)`. */
export function expm1(emit: Emit, x: Value): Value {
  const below = emit(tfl.elu, { input: atMost(emit, x, float(emit, 0)) });
  const above = emit(tfl.relu, { input: x });
  const mirrored = mul(emit, emit(tfl.elu, { input: neg(emit, above) }), exp(emit, above));
  return sub(emit, below, mirrored);
}

/** `exp(|x| / 2)`: its square does not overflow before half the square does. */
const halfExponential = (emit: Emit, magnitude: Value): Value => exp(emit, times(emit, magnitude, 0.5));

/** With `t = expm1(-|x|)`, `sinh |x| = -t (2 + t) / 2 * exp |x|`. */
export function sinh(emit: Emit, x: Value): Value {
  const magnitude = abs(emit, x);
  const t = emit(tfl.elu, { input: neg(emit, magnitude) });
  const y = halfExponential(emit, magnitude);
  const scaled = mul(emit, mul(emit, times(emit, mul(emit, t, plus(emit, t, 2)), -0.5), y), y);
  return mul(emit, emit(tfl.sign, { input: x }), scaled);
}
export function cosh(emit: Emit, x: Value): Value {
  const y = halfExponential(emit, abs(emit, x));
  return add(emit, mul(emit, times(emit, y, 0.5), y), div(emit, float(emit, 0.5), square(emit, y)));
}

/** Above this both roots of `x * x ± 1` are `x`, and squares are on their way to overflow. */
const large = 1e4;
const logOfTwice = (emit: Emit, x: Value): Value => plus(emit, log(emit, x), Math.LN2);

/** `log1p(a + a * a / (1 + sqrt(a * a + 1)))` with the sign put back. */
export function asinh(emit: Emit, x: Value): Value {
  const a = abs(emit, x);
  const small = atMost(emit, a, float(emit, 2 * large));
  const root = sqrt(emit, plus(emit, square(emit, small), 1));
  const near = log1p(emit, add(emit, small, div(emit, square(emit, small), plus(emit, root, 1))));
  const far = logOfTwice(emit, a);
  return mul(emit, emit(tfl.sign, { input: x }), select(emit, isMore(emit, a, float(emit, large)), far, near));
}
/** `log1p((x - 1) + sqrt(x - 1) * sqrt(x + 1))`. */
export function acosh(emit: Emit, x: Value): Value {
  const below = plus(emit, x, -1);
  const root = mul(emit, sqrt(emit, below), sqrt(emit, plus(emit, x, 1)));
  return select(emit, isMore(emit, x, float(emit, large)), logOfTwice(emit, x), log1p(emit, add(emit, below, root)));
}
/** `log1p(2 a / (1 - a)) / 2` with the sign put back. */
export function atanh(emit: Emit, x: Value): Value {
  const a = abs(emit, x);
  const whole = log1p(emit, div(emit, times(emit, a, 2), minusFrom(emit, 1, a)));
  return mul(emit, emit(tfl.sign, { input: x }), times(emit, whole, 0.5));
}

/** Angle of the point (`x`, `y`): operands of one shape. */
export const angle = (emit: Emit, y: Value, x: Value): Value => emit(tfl.atan2, { y, x });
export const atan = (emit: Emit, x: Value): Value => angle(emit, x, fillLike(emit, float(emit, 1), x));
/** `sqrt(1 - x * x)`, exact near its zeros; NaN outside. */
const otherLeg = (emit: Emit, x: Value): Value => sqrt(emit, mul(emit, minusFrom(emit, 1, x), plus(emit, x, 1)));
export const asin = (emit: Emit, x: Value): Value => angle(emit, x, otherLeg(emit, x));
export const acos = (emit: Emit, x: Value): Value => angle(emit, otherLeg(emit, x), x);

export function sinc(emit: Emit, x: Value): Value {
  const y = times(emit, x, Math.PI);
  return select(emit, isEqual(emit, x, float(emit, 0)), float(emit, 1), div(emit, emit(tfl.sin, { input: y }), y));
}

/** `log(1 + exp(x))` without overflow: the large part is `max(x, 0)`. */
export function softplus(emit: Emit, x: Value): Value {
  const decay = exp(emit, neg(emit, abs(emit, x)));
  return add(emit, emit(tfl.relu, { input: x }), log1pOfFraction(emit, decay));
}

/** `x * log(y)`, zero where `x` is zero unless `y` is NaN. */
export function zeroTimes(emit: Emit, x: Value, logarithm: Value, y: Value): Value {
  const silent = emit(tfl.logicalAnd, { lhs: isEqual(emit, x, numberValue(emit, 0, "f32")), rhs: isEqual(emit, y, y) });
  return select(emit, silent, float(emit, 0), mul(emit, x, logarithm));
}
/** Brings `x` between two numbers. */
export const between = (emit: Emit, x: Value, low: number, high: number): Value => atMost(emit, atLeast(emit, x, float(emit, low)), float(emit, high));
