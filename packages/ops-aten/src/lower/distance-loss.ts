import { tfl } from "@tflower/backend-tflite";
import { defineLowering, type Emit, isFloat, type Value } from "@tflower/core";
import { mulTensor } from "../dialect/arithmetic.ts";
import { pairwiseDistance } from "../dialect/distance.ts";
import * as aten from "../dialect/distance-loss.ts";
import { sumDimIntList } from "../dialect/reduce-sum.ts";
import { convertTo, float } from "../emit/convert.ts";
import { reduceLoss } from "../emit/losses.ts";
import { add, div, extremum, isEqual, minusFrom, mul, plus, select, sub } from "../emit/pointwise.ts";
import { sqrt } from "../emit/transcendental.ts";

/** Sums of products along the last axis, in floats; products of integers wrap. */
const dot = (emit: Emit, a: Value, b: Value): Value => {
  const sum = emit(sumDimIntList, { self: emit(mulTensor, { self: a, other: b }) }, { dim: [-1] });
  return isFloat(sum.type.dtype) ? sum : convertTo(emit, sum, "f32");
};
const hinge = (emit: Emit, input: Value): Value => emit(tfl.relu, { input });

export const cosineEmbeddingLoss = defineLowering(
  aten.cosineEmbeddingLoss,
  ({ input1, input2, target }, { margin, reduction }, emit) => {
    const length = (v: Value): Value => plus(emit, dot(emit, v, v), aten.lengthEpsilon);
    const cosine = div(emit, dot(emit, input1, input2), sqrt(emit, mul(emit, length(input1), length(input2))));
    const t = convertTo(emit, target, "f32");
    const zero = float(emit, 0);
    const near = select(emit, isEqual(emit, t, float(emit, 1)), minusFrom(emit, 1, cosine), zero);
    const far = select(emit, isEqual(emit, t, float(emit, -1)), hinge(emit, plus(emit, cosine, -margin)), zero);
    return reduceLoss(emit, add(emit, near, far), reduction);
  },
);
export const tripletMarginLoss = defineLowering(
  aten.tripletMarginLoss,
  ({ anchor, positive, negative }, { margin, p, eps, swap, reduction }, emit) => {
    const apart = (x1: Value, x2: Value): Value => emit(pairwiseDistance, { x1, x2 }, { p, eps });
    const direct = apart(anchor, negative);
    const far = swap ? extremum(emit, tfl.minimum, direct, apart(positive, negative)) : direct;
    return reduceLoss(emit, hinge(emit, sub(emit, plus(emit, apart(anchor, positive), margin), far)), reduction);
  },
);
