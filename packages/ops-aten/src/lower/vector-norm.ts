import { tfl } from "@tflower/backend-tflite";
import { type DType, defineLowering, type Emit, type Value } from "@tflower/core";
import * as aten from "../dialect/vector-norm.ts";
import { addNumber, numberLike } from "../emit/compute.ts";
import { normOver } from "../emit/norm.ts";
import { div, mul, select, sub } from "../emit/pointwise.ts";
import { castTo } from "../emit/rearrange.ts";
import { resultDType } from "../semantics/promote.ts";
import { realOf } from "../semantics/real-scalar.ts";
import { reduceAxes, restAxes } from "../semantics/reduce.ts";
import { orderOf } from "../semantics/vector-norm.ts";

const normed = (
  emit: Emit,
  self: Value,
  p: number,
  dim: readonly number[] | undefined,
  keep: boolean,
  dtype: DType | undefined,
): Value =>
  normOver(emit, castTo(emit, self, dtype ?? self.type.dtype), p, reduceAxes(dim, self.type.shape.length), keep);

export const linalgVectorNorm = defineLowering(aten.linalgVectorNorm, ({ self }, { ord, dim, keepdim, dtype }, emit) =>
  normed(emit, self, orderOf(ord), dim, keepdim, dtype),
);
export const normScalar = defineLowering(aten.normScalar, ({ self }, { p }, emit) =>
  normed(emit, self, orderOf(p), undefined, false, undefined),
);
export const normScalarOptDim = defineLowering(aten.normScalarOptDim, ({ self }, { p, dim, keepdim }, emit) =>
  normed(emit, self, orderOf(p), dim, keepdim, undefined),
);
export const normScalarOptDimDtype = defineLowering(
  aten.normScalarOptDimDtype,
  ({ self }, { p, dim, keepdim, dtype }, emit) => normed(emit, self, orderOf(p), dim, keepdim, dtype),
);
export const normScalarOptDtype = defineLowering(aten.normScalarOptDtype, ({ self }, { p, dtype }, emit) =>
  normed(emit, self, orderOf(p), undefined, false, dtype),
);

export const dist = defineLowering(aten.dist, ({ self, other }, { p }, emit) => {
  const dtype = resultDType(self.type, other.type);
  const difference = sub(emit, castTo(emit, self, dtype), castTo(emit, other, dtype));
  return normOver(emit, difference, orderOf(p), reduceAxes(undefined, difference.type.shape.length), false);
});

export const renorm = defineLowering(aten.renorm, ({ self }, { p, dim, maxnorm }, emit) => {
  const rank = self.type.shape.length;
  const norms = normOver(emit, self, orderOf(p), restAxes(dim, rank), true);
  const limit = numberLike(emit, self, realOf(maxnorm, "maxnorm"));
  const factor = select(
    emit,
    emit(tfl.greater, { lhs: norms, rhs: limit }),
    div(emit, limit, addNumber(emit, norms, 1e-7)),
    numberLike(emit, self, 1),
  );
  return mul(emit, self, factor);
});
