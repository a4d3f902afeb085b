import { tfl } from "@tflower/backend-tflite";
import type { Emit, Value } from "@tflower/core";
import { float, numberValue } from "./convert.ts";
import { fillLike } from "./fill.ts";
import {
  abs,
  add,
  atLeast,
  atMost,
  div,
  isEqual,
  isLess,
  isMore,
  minusFrom,
  mul,
  nanOf,
  neg,
  plus,
  select,
  sub,
  times,
} from "./pointwise.ts";
import { polynomial } from "./polynomial.ts";

export const exp = (emit: Emit, input: Value): Value => emit(tfl.exp, { input });
export const log = (emit: Emit, input: Value): Value => emit(tfl.log, { input });
export const sqrt = (emit: Emit, input: Value): Value => emit(tfl.sqrt, { input });
export const square = (emit: Emit, x: Value): Value => mul(emit, x, x);
/** `1 / x`. */
export const reciprocal = (emit: Emit, x: Value): Value => div(emit, float(emit, 1), x);

/**
 * `log(1 + x)` for `x` from -0.3 to 1: twice the inverse hyperbolic tangent of `s = x / (2 + x)`. The kernel for logarithms is right
 * to 1e-7, not to 1e-7 of a result near zero. `atanh(s) / s` in `s * s` is a minimax fit of our own: 4.0e-9 up to a third.
 */
export function log1pOfFraction(emit: Emit, x: Value): Value {
  const s = div(emit, x, plus(emit, x, 2));
  return mul(emit, s, polynomial(emit, square(emit, s), doubleAtanh));
}
const doubleAtanh = [2.00000001, 0.666663151, 0.400248976, 0.279607558, 0.281777209];

/** `log(1 + x)`: by {@link log1pOfFraction} where the sum would drop digits of `x`. */
export function log1p(emit: Emit, x: Value): Value {
  const near = isLess(emit, abs(emit, x), float(emit, 0.3));
  return select(emit, near, log1pOfFraction(emit, x), log(emit, plus(emit, x, 1)));
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
/** Half of `y * y + 1 / (y * y)`. The kernel for exponentials makes zero of NaN, which is put back. */
export function cosh(emit: Emit, x: Value): Value {
  const y = halfExponential(emit, abs(emit, x));
  return add(
    emit,
    add(emit, mul(emit, times(emit, y, 0.5), y), div(emit, float(emit, 0.5), square(emit, y))),
    nanOf(emit, x),
  );
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
export const between = (emit: Emit, x: Value, low: number, high: number): Value =>
  atMost(emit, atLeast(emit, x, float(emit, low)), float(emit, high));
