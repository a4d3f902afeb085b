import { tfl } from "@tflower/backend-tflite";
import {
  defineLowering,
  type Emit,
  isFloat,
  type Node,
  type Rejection,
  reject,
  type Scalar,
  type Value,
} from "@tflower/core";
import * as aten from "../dialect/activation.ts";
import { convertTo, float } from "../emit/convert.ts";
import {
  abs,
  add,
  atMost,
  div,
  isLess,
  isMore,
  minusFrom,
  mul,
  neg,
  plus,
  select,
  sub,
  times,
} from "../emit/pointwise.ts";
import { between, exp, log, log1pOfFraction, softplus as softPlus } from "../emit/transcendental.ts";
import { numberOf } from "../semantics/scalar.ts";

type Self = { readonly self: Value };
/** Floats only: other dtypes are refused by the dialect. */
const form =
  <A>(f: (emit: Emit, x: Value, attrs: A) => Value) =>
  ({ self }: Self, attrs: A, emit: Emit): Value | Rejection =>
    isFloat(self.type.dtype) ? f(emit, self, attrs) : reject(`has no kernel for ${self.type.dtype}`);

export const gelu = defineLowering(
  aten.gelu,
  form((emit, input, { approximate }) => emit(tfl.gelu, { input }, { approximate: approximate === "tanh" })),
);
export const silu = defineLowering(
  aten.silu,
  form((emit, x) => mul(emit, x, emit(tfl.logistic, { input: x }))),
);
export const mish = defineLowering(
  aten.mish,
  form((emit, x) => mul(emit, x, emit(tfl.tanh, { input: softPlus(emit, x) }))),
);
export const hardsigmoid = defineLowering(
  aten.hardsigmoid,
  form((emit, x) => times(emit, emit(tfl.relu6, { input: plus(emit, x, 3) }), 1 / 6)),
);
export const hardswish = defineLowering(
  aten.hardswish,
  form((emit, input) => emit(tfl.hardSwish, { input })),
);

/** `exp(-|x|)`, the part of these functions that never overflows. */
const decay = (emit: Emit, x: Value): Value => exp(emit, neg(emit, abs(emit, x)));
const logSigmoidForm = (emit: Emit, x: Value): Value =>
  sub(emit, atMost(emit, x, float(emit, 0)), log1pOfFraction(emit, decay(emit, x)));
export const logSigmoid = defineLowering(aten.logSigmoidOp, form(logSigmoidForm));
export const logSigmoidForward = defineLowering(aten.logSigmoidForward, ({ self }, _, emit) => [
  logSigmoidForm(emit, self),
  decay(emit, self),
]);

/** Zero and above by one factor, below zero by the builtin that is made for it. */
function exponentialUnit(emit: Emit, x: Value, alpha: number, scale: number, inputScale: number): Value {
  if (alpha === 1 && inputScale === 1) return times(emit, emit(tfl.elu, { input: x }), scale);
  const below = emit(tfl.elu, { input: times(emit, atMost(emit, x, float(emit, 0)), inputScale) });
  return add(emit, times(emit, emit(tfl.relu, { input: x }), scale), times(emit, below, alpha * scale));
}
const real = (s: Scalar): number => numberOf(s);
export const elu = defineLowering(aten.elu, ({ self }, { alpha, scale, input_scale }, emit) =>
  // the builtin grows without bounds where the exponent's sign is turned
  real(input_scale) > 0
    ? exponentialUnit(emit, self, real(alpha), real(scale), real(input_scale))
    : reject(`takes an input_scale above zero, got ${real(input_scale)}`),
);
export const celu = defineLowering(aten.celu, ({ self }, { alpha }, emit) =>
  real(alpha) > 0
    ? exponentialUnit(emit, self, real(alpha), 1, 1 / real(alpha))
    : reject(`takes an alpha above zero, got ${real(alpha)}`),
);
export const selu = defineLowering(
  aten.selu,
  form((emit, x) => exponentialUnit(emit, x, aten.seluAlpha, aten.seluScale, 1)),
);

const leaky = (emit: Emit, input: Value, alpha: number): Value => emit(tfl.leakyRelu, { input }, { alpha });
export const leakyRelu = defineLowering(
  aten.leakyRelu,
  form((emit, x, { negative_slope }) => leaky(emit, x, real(negative_slope))),
);
export const rrelu = defineLowering(aten.rrelu, ({ self }, { lower, upper, training }, emit) =>
  training
    ? reject("is in training mode, where it is random: call model.eval() before exporting")
    : leaky(emit, self, (real(lower) + real(upper)) / 2),
);
export const hardshrink = defineLowering(
  aten.hardshrink,
  form((emit, x, { lambd }) =>
    select(emit, emit(tfl.lessEqual, { lhs: abs(emit, x), rhs: float(emit, real(lambd)) }), float(emit, 0), x),
  ),
);
export const softshrink = defineLowering(
  aten.softshrink,
  form((emit, x, { lambd }) => sub(emit, x, between(emit, x, -real(lambd), real(lambd)))),
);

/** From here on `x` and `log(1 + exp(x))` are one float. */
const linear = 17;
export const softplus = defineLowering(
  aten.softplus,
  form((emit, x, { beta, threshold }) => {
    const scaled = times(emit, x, real(beta));
    const curve = real(beta) === 1 ? softPlus(emit, x) : div(emit, softPlus(emit, scaled), float(emit, real(beta)));
    return real(threshold) >= linear
      ? curve
      : select(emit, isMore(emit, scaled, float(emit, real(threshold))), x, curve);
  }),
);
export const logit = defineLowering(aten.logit, ({ self }, { eps }, emit, node: Node<any>) => {
  const x = convertTo(emit, self, node.results[0]!.type.dtype);
  const kept = eps === undefined ? x : between(emit, x, eps, 1 - eps);
  const rest = minusFrom(emit, 1, kept);
  const centred = plus(emit, kept, -0.5);
  // about 0.5 the quotient is near 1, where its logarithm drops digits
  const near = log1pOfFraction(emit, div(emit, times(emit, centred, 2), rest));
  return select(emit, isLess(emit, abs(emit, centred), float(emit, 0.08)), near, log(emit, div(emit, kept, rest)));
});
