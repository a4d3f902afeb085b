import { tfl } from "@tflower/backend-tflite";
import type { Emit, Value } from "@tflower/core";
import { float } from "./convert.ts";
import { abs, add, div, isEqual, isLess, minusFrom, mul, neg, plus, select, sub, times } from "./pointwise.ts";
import { polynomial, rational } from "./polynomial.ts";
import { log, reciprocal, square } from "./transcendental.ts";

/** `lgamma(z) / ((z - 1) (z - 2))` in `z - 1.5` for `z` from 0.5 to 3: a fit of our own, 1.1e-9. */
const nearTop = [0.48312895, 0.656824089, 0.285302781, 0.0408088395, 0.000758358024, -1.74867986e-5];
const nearBottom = [1, 1.66163503, 0.962317515, 0.223628208, 0.0167337633];
/** Stirling's series in `1 / z^2`, times `z`. */
const stirling = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680];

/** `x` without the nearest integer. */
const offWhole = (emit: Emit, x: Value): Value => sub(emit, x, emit(tfl.round, { input: x }));

/** For `z` from 0.5 on. */
function logGammaAbove(emit: Emit, z: Value): Value {
  const near = mul(
    emit,
    mul(emit, plus(emit, z, -1), plus(emit, z, -2)),
    rational(emit, plus(emit, z, -1.5), nearTop, nearBottom),
  );
  const y = reciprocal(emit, z);
  const series = mul(emit, y, polynomial(emit, square(emit, y), stirling));
  // z (log z - 1) does not overflow before the result does
  const leading = sub(emit, mul(emit, z, plus(emit, log(emit, z), -1)), times(emit, log(emit, z), 0.5));
  const far = add(emit, plus(emit, leading, 0.5 * Math.log(2 * Math.PI)), series);
  return select(emit, isLess(emit, z, float(emit, 3)), near, far);
}
/** Below 0.5 by reflection: `log(pi / |sin(pi x)|) - lgamma(1 - x)`. */
export function lgamma(emit: Emit, x: Value): Value {
  const below = isLess(emit, x, float(emit, 0.5));
  const above = logGammaAbove(emit, select(emit, below, minusFrom(emit, 1, x), x));
  // |sin(pi x)| / pi, which keeps the digits of denormal numbers; their reciprocals would be infinite
  const rest = abs(emit, offWhole(emit, x));
  const sine = times(emit, emit(tfl.sin, { input: times(emit, rest, Math.PI) }), 1 / Math.PI);
  const share = select(emit, isLess(emit, rest, float(emit, 2 ** -60)), rest, sine);
  const mirrored = sub(emit, neg(emit, log(emit, share)), above);
  const pole = emit(tfl.logicalAnd, { lhs: below, rhs: isEqual(emit, share, float(emit, 0)) });
  const infinite = emit(tfl.logicalOr, { lhs: pole, rhs: isEqual(emit, abs(emit, x), float(emit, Infinity)) });
  return select(emit, infinite, float(emit, Infinity), select(emit, below, mirrored, above));
}

/** Steps of the recurrence that bring an argument to where four terms of the asymptotic series suffice. */
const steps = 6;
const digammaTerms = [-1 / 12, 1 / 120, -1 / 252, 1 / 240];
function digammaAbove(emit: Emit, z: Value): Value {
  const s = plus(emit, z, steps);
  const y = reciprocal(emit, s);
  const series = mul(emit, square(emit, y), polynomial(emit, square(emit, y), digammaTerms));
  let out = add(emit, sub(emit, log(emit, s), times(emit, y, 0.5)), series);
  for (let k = steps - 1; k >= 0; k--) out = sub(emit, out, reciprocal(emit, k === 0 ? z : plus(emit, z, k)));
  return out;
}
/** Below 0.5 by reflection: `digamma(1 - x) - pi / tan(pi x)`; negative integers are poles of both signs. */
export function digamma(emit: Emit, x: Value): Value {
  const below = isLess(emit, x, float(emit, 0.5));
  const above = digammaAbove(emit, select(emit, below, minusFrom(emit, 1, x), x));
  const rest = offWhole(emit, x);
  const angle = times(emit, rest, Math.PI);
  const cotangent = div(emit, emit(tfl.cos, { input: angle }), emit(tfl.sin, { input: angle }));
  const mirrored = sub(emit, above, times(emit, cotangent, Math.PI));
  const pole = emit(tfl.logicalAnd, { lhs: isLess(emit, x, float(emit, 0)), rhs: isEqual(emit, rest, float(emit, 0)) });
  const inside = select(emit, pole, float(emit, Number.NaN), select(emit, below, mirrored, above));
  // zeros of either sign are poles of the other
  return select(emit, isEqual(emit, x, float(emit, 0)), div(emit, float(emit, -1), x), inside);
}
