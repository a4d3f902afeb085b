import { tfl } from "@tflower/backend-tflite";
import { defineLowering, type Emit, isFloat, type Node, type Rejection, reject, type Value } from "@tflower/core";
import { mulTensor, subTensor } from "../dialect/arithmetic.ts";
import * as aten from "../dialect/loss.ts";
import { neg as negOp } from "../dialect/sign.ts";
import { convertTo, float } from "../emit/convert.ts";
import { reduceLoss } from "../emit/losses.ts";
import {
  abs,
  add,
  atLeast,
  isEqual,
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
import { exp, log, log1p, log1pOfFraction, square, zeroTimes } from "../emit/transcendental.ts";
import { resultDType } from "../semantics/promote.ts";

type Reduction = { readonly reduction: number };
type Two = { readonly self: Value; readonly target: Value };
const dtypeOf = (node: Node<any>) => node.results[0]!.type.dtype;

const pointwise =
  <A extends Reduction>(f: (emit: Emit, x: Value, t: Value, attrs: A) => Value) =>
  ({ self, target }: Two, attrs: A, emit: Emit, node: Node<any>): Value | Rejection => {
    const dtype = dtypeOf(node);
    if (!isFloat(dtype)) return reject(`has no kernel for ${dtype}`);
    return reduceLoss(
      emit,
      f(emit, convertTo(emit, self, dtype), convertTo(emit, target, dtype), attrs),
      attrs.reduction,
    );
  };
const distance = (emit: Emit, x: Value, t: Value): Value => abs(emit, sub(emit, x, t));
const hinge = (emit: Emit, x: Value): Value => emit(tfl.relu, { input: x });

export const mseLoss = defineLowering(
  aten.mseLoss,
  pointwise((emit, x, t) => square(emit, sub(emit, x, t))),
);
export const l1Loss = defineLowering(aten.l1Loss, pointwise(distance));
export const smoothL1Loss = defineLowering(
  aten.smoothL1Loss,
  pointwise((emit, x, t, { beta }) => {
    const d = distance(emit, x, t);
    if (beta === 0) return d;
    return select(
      emit,
      isLess(emit, d, float(emit, beta)),
      times(emit, square(emit, d), 0.5 / beta),
      plus(emit, d, -0.5 * beta),
    );
  }),
);
export const huberLoss = defineLowering(
  aten.huberLoss,
  pointwise((emit, x, t, { delta }) => {
    const d = distance(emit, x, t);
    const near = emit(tfl.lessEqual, { lhs: d, rhs: float(emit, delta) });
    return select(emit, near, times(emit, square(emit, d), 0.5), times(emit, plus(emit, d, -0.5 * delta), delta));
  }),
);
export const klDiv = defineLowering(
  aten.klDiv,
  pointwise((emit, x, t, { log_target }) =>
    log_target
      ? mul(emit, exp(emit, t), sub(emit, t, x))
      : sub(emit, zeroTimes(emit, t, log(emit, t), t), mul(emit, t, x)),
  ),
);
export const softMarginLoss = defineLowering(
  aten.softMarginLoss,
  pointwise((emit, x, t) => log1p(emit, exp(emit, neg(emit, mul(emit, x, t))))),
);
export const hingeEmbeddingLoss = defineLowering(
  aten.hingeEmbeddingLoss,
  pointwise((emit, x, t, { margin }) => {
    const zero = float(emit, 0);
    const lacking = select(emit, isEqual(emit, t, float(emit, 1)), zero, hinge(emit, minusFrom(emit, margin, x)));
    return add(emit, lacking, select(emit, isEqual(emit, t, float(emit, -1)), zero, x));
  }),
);
export const marginRankingLoss = defineLowering(
  aten.marginRankingLoss,
  ({ input1, input2, target }, { margin, reduction }, emit, node) => {
    const dtype = dtypeOf(node);
    if (isFloat(resultDType(input1.type, input2.type, target.type))) {
      const [a, b, t] = [input1, input2, target].map((v) => convertTo(emit, v, dtype)) as [Value, Value, Value];
      return reduceLoss(emit, hinge(emit, plus(emit, neg(emit, mul(emit, t, sub(emit, a, b))), margin)), reduction);
    }
    const apart = emit(subTensor, { self: input1, other: input2 });
    const order = emit(negOp, { self: emit(mulTensor, { self: target, other: apart }) });
    return reduceLoss(emit, hinge(emit, plus(emit, convertTo(emit, order, dtype), margin)), reduction);
  },
);

export const binaryCrossEntropy = defineLowering(
  aten.binaryCrossEntropy,
  ({ self: x, target: t, weight }, { reduction }, emit) => {
    const lowest = float(emit, -100);
    const ofZero = mul(emit, plus(emit, t, -1), atLeast(emit, log1p(emit, neg(emit, x)), lowest));
    const loss = sub(emit, ofZero, mul(emit, t, atLeast(emit, log(emit, x), lowest)));
    return reduceLoss(emit, weight ? mul(emit, loss, weight) : loss, reduction);
  },
);
export const binaryCrossEntropyWithLogits = defineLowering(
  aten.binaryCrossEntropyWithLogits,
  ({ self: x, target: t, weight, pos_weight }, { reduction }, emit) => {
    // log(1 + exp(-x))
    const tail = add(emit, log1pOfFraction(emit, exp(emit, neg(emit, abs(emit, x)))), hinge(emit, neg(emit, x)));
    const shared = pos_weight ? mul(emit, plus(emit, mul(emit, plus(emit, pos_weight, -1), t), 1), tail) : tail;
    const loss = add(emit, mul(emit, minusFrom(emit, 1, t), x), shared);
    return reduceLoss(emit, weight ? mul(emit, loss, weight) : loss, reduction);
  },
);
export const poissonNllLoss = defineLowering(
  aten.poissonNllLoss,
  ({ input, target }, { log_input, full, eps, reduction }, emit, node) => {
    const dtype = dtypeOf(node);
    const [x, t] = [convertTo(emit, input, dtype), convertTo(emit, target, dtype)];
    const loss = log_input
      ? sub(emit, exp(emit, x), mul(emit, t, x))
      : sub(emit, x, mul(emit, t, log(emit, plus(emit, x, eps))));
    if (!full) return reduceLoss(emit, loss, reduction);
    const stirling = add(
      emit,
      sub(emit, mul(emit, t, log(emit, t)), t),
      times(emit, log(emit, times(emit, t, 2 * Math.PI)), 0.5),
    );
    const counted = select(emit, isMore(emit, t, float(emit, 1)), stirling, float(emit, 0));
    return reduceLoss(emit, add(emit, loss, counted), reduction);
  },
);
