import { tfl } from "@tflower/backend-tflite";
import { defineLowering, type Emit, isStatic, sizeOf, type Value } from "@tflower/core";
import * as aten from "../dialect/variance.ts";
import { addNumber, floatDim, numberLike, squared } from "../emit/compute.ts";
import { atLeast, div, sub } from "../emit/pointwise.ts";
import { meanOver, sumOver } from "../emit/reduce.ts";
import { reduceAxes } from "../semantics/reduce.ts";
import { correctionOf } from "../semantics/variance.ts";

type Dims = readonly number[] | undefined;
const axesIn = (self: Value, dim: Dims): number[] => reduceAxes(dim, self.type.shape.length);

/** In two passes, so that a large mean takes no digits away. */
function variance(emit: Emit, self: Value, dim: Dims, correction: number, keep: boolean): Value {
  const axes = axesIn(self, dim);
  const squares = squared(emit, sub(emit, self, meanOver(emit, self, axes, true)));
  if (correction === 0) return meanOver(emit, squares, axes, keep);
  const count = sizeOf(axes.map((a) => self.type.shape[a]!));
  const total = sumOver(emit, squares, axes, keep);
  if (isStatic(count)) return div(emit, total, numberLike(emit, total, Math.max(count - correction, 0)));
  return div(
    emit,
    total,
    atLeast(emit, addNumber(emit, floatDim(emit, count), -correction), numberLike(emit, total, 0)),
  );
}
const deviation = (emit: Emit, self: Value, dim: Dims, correction: number, keep: boolean): Value =>
  emit(tfl.sqrt, { input: variance(emit, self, dim, correction, keep) });
const average = (emit: Emit, self: Value, dim: Dims, keep: boolean): Value =>
  meanOver(emit, self, axesIn(self, dim), keep);

export const varOp = defineLowering(aten.varOp, ({ self }, { unbiased }, emit) =>
  variance(emit, self, undefined, Number(unbiased), false),
);
export const varDim = defineLowering(aten.varDim, ({ self }, { dim, unbiased, keepdim }, emit) =>
  variance(emit, self, dim, Number(unbiased), keepdim),
);
export const varCorrection = defineLowering(aten.varCorrection, ({ self }, { dim, correction, keepdim }, emit) =>
  variance(emit, self, dim, correctionOf(correction), keepdim),
);
export const std = defineLowering(aten.std, ({ self }, { unbiased }, emit) =>
  deviation(emit, self, undefined, Number(unbiased), false),
);
export const stdDim = defineLowering(aten.stdDim, ({ self }, { dim, unbiased, keepdim }, emit) =>
  deviation(emit, self, dim, Number(unbiased), keepdim),
);
export const stdCorrection = defineLowering(aten.stdCorrection, ({ self }, { dim, correction, keepdim }, emit) =>
  deviation(emit, self, dim, correctionOf(correction), keepdim),
);
export const varMean = defineLowering(aten.varMean, ({ self }, { unbiased }, emit) => [
  variance(emit, self, undefined, Number(unbiased), false),
  average(emit, self, undefined, false),
]);
export const varMeanDim = defineLowering(aten.varMeanDim, ({ self }, { dim, unbiased, keepdim }, emit) => [
  variance(emit, self, dim, Number(unbiased), keepdim),
  average(emit, self, dim, keepdim),
]);
export const varMeanCorrection = defineLowering(
  aten.varMeanCorrection,
  ({ self }, { dim, correction, keepdim }, emit) => [
    variance(emit, self, dim, correctionOf(correction), keepdim),
    average(emit, self, dim, keepdim),
  ],
);
export const stdMean = defineLowering(aten.stdMean, ({ self }, { unbiased }, emit) => [
  deviation(emit, self, undefined, Number(unbiased), false),
  average(emit, self, undefined, false),
]);
export const stdMeanDim = defineLowering(aten.stdMeanDim, ({ self }, { dim, unbiased, keepdim }, emit) => [
  deviation(emit, self, dim, Number(unbiased), keepdim),
  average(emit, self, dim, keepdim),
]);
export const stdMeanCorrection = defineLowering(
  aten.stdMeanCorrection,
  ({ self }, { dim, correction, keepdim }, emit) => [
    deviation(emit, self, dim, correctionOf(correction), keepdim),
    average(emit, self, dim, keepdim),
  ],
);
