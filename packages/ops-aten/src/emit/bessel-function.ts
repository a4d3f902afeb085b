import { tfl } from "@tflower/backend-tflite";
import type { Emit, Value } from "@tflower/core";
import { float } from "./convert.ts";
import { abs, atLeast, div, isMore, mul, select, times } from "./pointwise.ts";
import { polynomial, rational } from "./polynomial.ts";
import { between, exp, reciprocal, sqrt } from "./transcendental.ts";

/** Fits of our own to `exp(-x) I(x)`: a quotient in `x / 4` up to 8, a polynomial in `1 / x` over `sqrt(x)` beyond. */
interface Fit {
  readonly top: readonly number[];
  readonly bottom: readonly number[];
  readonly far: readonly number[];
}
/** 1.7e-8 and 1.2e-9. */
const order0: Fit = {
  top: [1.00000002, -0.072196725, 3.24708279, -0.398633651, 1.33658831, -0.616142435, -0.0582813374],
  bottom: [1, 3.92780874, 6.95803221, 6.97240426, 3.7385894, 0.575731354, -1.7311374],
  far: [0.398942281, 0.049867419, 0.0280948233, 0.02725071, 0.0851286893, -0.305648309, 1.82772282],
};
/** Of `exp(-x) I1(x) / x`: 1.2e-9 and 1.4e-9. */
const order1: Fit = {
  top: [0.499999999, 0.174582691, 0.741486336, 0.211028792, 0.215451824, 0.0140748566, -9.16799493e-5],
  bottom: [1, 4.34916499, 8.87965375, 11.1152395, 9.28484421, 5.15609844, 1.75959442],
  far: [0.39894228, -0.149602931, -0.0468018388, -0.0386590235, -0.103406742, 0.337640724, -2.07613775],
};
const edge = 8;

function scaled(emit: Emit, x: Value, fit: Fit, odd: boolean): Value {
  const a = abs(emit, x);
  const near = rational(emit, times(emit, a, 1 / 4), fit.top, fit.bottom);
  const large = atLeast(emit, a, float(emit, edge));
  const far = div(emit, polynomial(emit, reciprocal(emit, large), fit.far), sqrt(emit, large));
  const isFar = isMore(emit, a, float(emit, edge));
  if (!odd) return select(emit, isFar, far, near);
  const sign = emit(tfl.sign, { input: x });
  return select(emit, isFar, mul(emit, far, sign), mul(emit, near, x));
}
/** `f * exp(|x|)` by halves, since the exponential overflows before the product does. */
function unscaled(emit: Emit, x: Value, f: Value): Value {
  const half = exp(emit, times(emit, abs(emit, x), 0.5));
  return mul(emit, mul(emit, f, half), half);
}
export const i0e = (emit: Emit, x: Value): Value => scaled(emit, x, order0, false);
export const i1e = (emit: Emit, x: Value): Value => scaled(emit, x, order1, true);
/** From here on the unscaled functions are infinite. */
const finite = (emit: Emit, x: Value): Value => between(emit, x, -100, 100);
export const i0 = (emit: Emit, x: Value): Value => unscaled(emit, finite(emit, x), i0e(emit, finite(emit, x)));
export const i1 = (emit: Emit, x: Value): Value => unscaled(emit, finite(emit, x), i1e(emit, finite(emit, x)));
