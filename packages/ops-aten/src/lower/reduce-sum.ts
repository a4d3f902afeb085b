import { tfl } from "@tflower/backend-tflite";
import {
  type DType,
  defineLowering,
  type Emit,
  isComplex,
  isFloat,
  type Rejection,
  reject,
  type Value,
} from "@tflower/core";
import * as aten from "../dialect/reduce-sum.ts";
import { numberLike, toBool } from "../emit/compute.ts";
import { div, isNaNValue, select } from "../emit/pointwise.ts";
import { castTo, reshapeTo } from "../emit/rearrange.ts";
import { meanOver, reduceBy, reduceIntegersBy, sumOver } from "../emit/reduce.ts";
import { sumResult } from "../semantics/promote.ts";
import { reduceAxes, sumToSizeAxes } from "../semantics/reduce.ts";

type Dims = readonly number[] | number | undefined;
const complex = reject("has no lowering for complex numbers");

function summed(emit: Emit, self: Value, axes: readonly number[], keep: boolean, dtype: DType): Value | Rejection {
  if (isComplex(self.type.dtype) || isComplex(dtype)) return complex;
  if (dtype === "bool") return reduceBy(emit, tfl.reduceAny, toBool(emit, self), axes, keep);
  return reduceIntegersBy(emit, tfl.sum, self, axes, keep, dtype);
}
function multiplied(emit: Emit, self: Value, axes: readonly number[], keep: boolean, dtype: DType): Value | Rejection {
  if (isComplex(self.type.dtype) || isComplex(dtype)) return complex;
  if (dtype === "bool") return reduceBy(emit, tfl.reduceAll, toBool(emit, self), axes, keep);
  return reduceIntegersBy(emit, tfl.reduceProd, self, axes, keep, dtype);
}
function averaged(emit: Emit, self: Value, dim: Dims, keep: boolean, dtype: DType): Value | Rejection {
  if (isComplex(self.type.dtype) || isComplex(dtype)) return complex;
  return meanOver(emit, castTo(emit, self, dtype), reduceAxes(dim, self.type.shape.length), keep);
}
const axesIn = (self: Value, dim: Dims): number[] => reduceAxes(dim, self.type.shape.length);

export const sum = defineLowering(aten.sum, ({ self }, { dtype }, emit) =>
  summed(emit, self, axesIn(self, undefined), false, dtype ?? sumResult(self.type.dtype)),
);
export const sumDimIntList = defineLowering(aten.sumDimIntList, ({ self }, { dim, keepdim, dtype }, emit) =>
  summed(emit, self, axesIn(self, dim), keepdim, dtype ?? sumResult(self.type.dtype)),
);
export const mean = defineLowering(aten.mean, ({ self }, { dtype }, emit) =>
  averaged(emit, self, undefined, false, dtype ?? self.type.dtype),
);
export const meanDim = defineLowering(aten.meanDim, ({ self }, { dim, keepdim, dtype }, emit) =>
  averaged(emit, self, dim, keepdim, dtype ?? self.type.dtype),
);
export const prod = defineLowering(aten.prod, ({ self }, { dtype }, emit) =>
  multiplied(emit, self, axesIn(self, undefined), false, dtype ?? sumResult(self.type.dtype)),
);
export const prodDimInt = defineLowering(aten.prodDimInt, ({ self }, { dim, keepdim, dtype }, emit) =>
  multiplied(emit, self, axesIn(self, dim), keepdim, dtype ?? sumResult(self.type.dtype)),
);

const nanToZero = (emit: Emit, x: Value): Value =>
  isFloat(x.type.dtype) ? select(emit, isNaNValue(emit, x), numberLike(emit, x, 0), x) : x;

export const nansum = defineLowering(aten.nansum, ({ self }, { dim, keepdim, dtype }, emit) =>
  isComplex(self.type.dtype)
    ? complex
    : summed(emit, nanToZero(emit, self), axesIn(self, dim), keepdim, dtype ?? sumResult(self.type.dtype)),
);
export const nanmean = defineLowering(aten.nanmean, ({ self }, { dim, keepdim, dtype }, emit) => {
  const x = castTo(emit, self, dtype ?? self.type.dtype);
  const axes = axesIn(self, dim);
  const count = sumOver(emit, castTo(emit, emit(tfl.equal, { lhs: x, rhs: x }), x.type.dtype), axes, keepdim);
  return div(emit, sumOver(emit, nanToZero(emit, x), axes, keepdim), count);
});

const counted = (emit: Emit, self: Value, dim: Dims): Value | Rejection =>
  isComplex(self.type.dtype)
    ? complex
    : sumOver(emit, castTo(emit, toBool(emit, self), "i64"), axesIn(self, dim), false);
export const countNonzero = defineLowering(aten.countNonzero, ({ self }, { dim }, emit) => counted(emit, self, dim));
export const countNonzeroDimIntList = defineLowering(aten.countNonzeroDimIntList, ({ self }, { dim }, emit) =>
  counted(emit, self, dim),
);

export const sumToSize = defineLowering(aten.sumToSize, ({ self }, { size }, emit) => {
  const axes = sumToSizeAxes(self.type.shape, size);
  if (axes.length === 0) return size.length === 0 ? castTo(emit, self, sumResult(self.type.dtype)) : self;
  const out = summed(emit, self, axes, false, sumResult(self.type.dtype));
  return "reason" in out ? out : reshapeTo(emit, out, size);
});
