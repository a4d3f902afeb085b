import { tfl } from "@tflower/backend-tflite";
import {
  type Dim,
  type DType,
  defineLowering,
  type Emit,
  isComplex,
  isFloat,
  isStatic,
  type Rejection,
  reject,
  type Value,
} from "@tflower/core";
import { addTensor, mulTensor, subTensor } from "../dialect/arithmetic.ts";
import * as aten from "../dialect/difference.ts";
import { sumDimIntList } from "../dialect/reduce-sum.ts";
import { widenInteger } from "../emit/compute.ts";
import { sub, times } from "../emit/pointwise.ts";
import { castTo, concatAxis, reshapeTo, selectAxis, sliceAxis } from "../emit/rearrange.ts";
import { sumOver } from "../emit/reduce.ts";
import { runningSum } from "../emit/scan.ts";
import { axisOf } from "../semantics/axes.ts";
import { shortened } from "../semantics/differences.ts";
import { floatResult, resultDType } from "../semantics/promote.ts";
import { realOf } from "../semantics/real-scalar.ts";
import { alignedSpacing } from "../semantics/spacing.ts";

interface Neighbours {
  readonly left: Value;
  readonly right: Value;
}
function neighbours(emit: Emit, x: Value, axis: number): Neighbours {
  const count = shortened(x.type.shape[axis]!, 1);
  return {
    left: sliceAxis(emit, x, axis, 0, count),
    right: sliceAxis(emit, x, axis, x.type.shape[axis] === 0 ? 0 : 1, count),
  };
}
function differences(emit: Emit, x: Value, axis: number): Value {
  const { left, right } = neighbours(emit, x, axis);
  return x.type.dtype === "bool" ? emit(tfl.notEqual, { lhs: right, rhs: left }) : sub(emit, right, left);
}

export const diff = defineLowering(aten.diff, ({ self, prepend, append }, { n, dim }, emit) => {
  if (n === 0) return self;
  const parts = [prepend, self, append].filter((p) => p !== undefined);
  const dtype = resultDType(...parts.map((p) => p.type));
  if (isComplex(dtype)) return reject("has no lowering for complex numbers");
  const axis = axisOf(dim, self.type.shape.length);
  let x = concatAxis(
    emit,
    parts.map((p) => castTo(emit, p, dtype)),
    axis,
  );
  // narrow integers wrap when they are cast back
  if (dtype !== "bool") x = widenInteger(emit, x);
  for (let i = 0; i < n; i++) x = differences(emit, x, axis);
  return castTo(emit, x, dtype);
});

/** Sums of neighbours; those of integers wrap. */
function pairSums(emit: Emit, y: Value, axis: number): Value {
  const { left, right } = neighbours(emit, y, axis);
  return emit(addTensor, { self: left, other: right });
}
/** Areas of the trapezoids between neighbours, times two, and the axis that they lie along. */
function areas(
  emit: Emit,
  y: Value,
  x: Value,
  dim: number,
  dtype: DType,
): { readonly value: Value; readonly axis: number } {
  const rank = y.type.shape.length;
  const positions = reshapeTo(emit, x, alignedSpacing<Dim>(x.type.shape, rank, dim));
  const { left, right } = neighbours(emit, positions, axisOf(dim, positions.type.shape.length));
  const steps = emit(subTensor, { self: right, other: left });
  const products = emit(mulTensor, { self: steps, other: pairSums(emit, y, axisOf(dim, rank)) });
  const value = castTo(emit, products, dtype);
  return { value, axis: axisOf(dim, value.type.shape.length) };
}
const noBool = (...values: readonly Value[]): Rejection | undefined =>
  values.some((v) => v.type.dtype === "bool" || isComplex(v.type.dtype)) ? reject("needs real numbers") : undefined;
const resultOf = (y: Value, x?: Value): DType => floatResult(resultDType(y.type, x?.type));

interface At {
  readonly dim: number;
}
const integralOver = (
  { y, x }: { readonly y: Value; readonly x: Value },
  { dim }: At,
  emit: Emit,
): Value | Rejection => {
  const bad = noBool(y, x);
  if (bad) return bad;
  const { value, axis } = areas(emit, y, x, dim, resultOf(y, x));
  return times(emit, sumOver(emit, value, [axis], false), 0.5);
};
const integral = (y: Value, dx: number, dim: number, emit: Emit): Value | Rejection => {
  const bad = noBool(y);
  if (bad) return bad;
  const axis = axisOf(dim, y.type.shape.length);
  const dtype = resultOf(y);
  if (isFloat(y.type.dtype)) return times(emit, sumOver(emit, pairSums(emit, y, axis), [axis], false), dx / 2);
  const extent = y.type.shape[axis]!;
  if (!isStatic(extent)) return reject("adds up integers along an axis of static extent");
  const sum = castTo(emit, emit(sumDimIntList, { self: y }, { dim: [axis] }), dtype);
  if (extent === 0) return sum;
  // the sum of all is int64; that of the ends wraps
  const end = (at: number): Value => selectAxis(emit, y, axis, at);
  const ends = castTo(emit, emit(addTensor, { self: end(0), other: end(extent - 1) }), dtype);
  return times(emit, sub(emit, sum, times(emit, ends, 0.5)), dx);
};
export const trapezoidX = defineLowering(aten.trapezoidX, integralOver);
export const trapzX = defineLowering(aten.trapzX, integralOver);
export const trapezoidDx = defineLowering(aten.trapezoidDx, ({ y }, { dx, dim }, emit) =>
  integral(y, realOf(dx, "dx"), dim, emit),
);
export const trapzDx = defineLowering(aten.trapzDx, ({ y }, { dx, dim }, emit) => integral(y, dx, dim, emit));
export const cumulativeTrapezoidX = defineLowering(aten.cumulativeTrapezoidX, ({ y, x }, { dim }, emit) => {
  const bad = noBool(y, x);
  if (bad) return bad;
  const { value, axis } = areas(emit, y, x, dim, resultOf(y, x));
  return times(emit, runningSum(emit, value, axis), 0.5);
});
export const cumulativeTrapezoidDx = defineLowering(aten.cumulativeTrapezoidDx, ({ y }, { dx, dim }, emit) => {
  const axis = axisOf(dim, y.type.shape.length);
  const sums = castTo(emit, pairSums(emit, y, axis), resultOf(y));
  return noBool(y) ?? times(emit, runningSum(emit, sums, axis), realOf(dx, "dx") / 2);
});
