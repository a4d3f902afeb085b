import { tfl } from "@tflower/backend-tflite";
import {
  broadcastShapes,
  type Dim,
  type DType,
  defineLowering,
  type Emit,
  isComplex,
  mulDim,
  Rejection,
  reject,
  type Value,
} from "@tflower/core";
import { diagonal } from "../dialect/diagonal.ts";
import * as aten from "../dialect/products.ts";
import { widenInteger } from "../emit/compute.ts";
import { generalMatmul } from "../emit/matmul.ts";
import { mul, sub } from "../emit/pointwise.ts";
import { castTo, concatAxis, reshapeTo, sliceAxis } from "../emit/rearrange.ts";
import { sumOver } from "../emit/reduce.ts";
import { axisOf } from "../semantics/axes.ts";
import { crossAxis } from "../semantics/cross-axis.ts";
import { resultDType, sumResult } from "../semantics/promote.ts";

const complex = reject("has no lowering for complex numbers");

/** Products that broadcast, of small integers in int32, bools as "and". */
function product(emit: Emit, a: Value, b: Value, dtype: DType): Value {
  if (dtype === "bool") return emit(tfl.logicalAnd, { lhs: a, rhs: b });
  return castTo(emit, mul(emit, widenInteger(emit, a), widenInteger(emit, b)), dtype);
}

export const kron = defineLowering(aten.kron, ({ self, other }, _, emit) => {
  const dtype = resultDType(self.type, other.type);
  if (isComplex(dtype)) return complex;
  const rank = Math.max(self.type.shape.length, other.type.shape.length);
  const aligned = (x: Value): Dim[] => [
    ...Array.from({ length: rank - x.type.shape.length }, () => 1),
    ...x.type.shape,
  ];
  const [a, b] = [aligned(self), aligned(other)];
  // neighbouring axes that only one operand has are joined, so that few axes are left to multiply over
  const runs = a.map((d, i) => [d, b[i]!] as const);
  const merged: [Dim, Dim][] = [];
  for (const [x, y] of runs) {
    const last = merged.at(-1);
    if (last && (last[1] === 1 || x === 1)) merged[merged.length - 1] = [mulDim(last[0], x), mulDim(last[1], y)];
    else merged.push([x, y]);
  }
  if (merged.length > 3) return reject(`multiplies ${2 * merged.length} axes side by side, which kernels do not take`);
  const left = reshapeTo(
    emit,
    castTo(emit, self, dtype),
    merged.flatMap(([x]) => [x, 1]),
  );
  const right = reshapeTo(
    emit,
    castTo(emit, other, dtype),
    merged.flatMap(([, y]) => [1, y]),
  );
  return reshapeTo(
    emit,
    product(emit, left, right, dtype),
    a.map((d, i) => mulDim(d, b[i]!)),
  );
});

function crossOf(emit: Emit, self: Value, other: Value, dim: number | undefined): Value | Rejection {
  const { dtype } = self.type;
  if (isComplex(dtype)) return complex;
  const axis = crossAxis(broadcastShapes(self.type.shape, other.type.shape), dim);
  const [a, b] = [self, other].map((x) => {
    const wide = widenInteger(emit, x);
    // an axis of extent 1 is the same element three times
    return [0, 1, 2].map((i) => (x.type.shape[axis] === 1 ? wide : sliceAxis(emit, wide, axis, i, 1)));
  }) as [Value[], Value[]];
  const part = (i: number, j: number): Value => sub(emit, mul(emit, a[i]!, b[j]!), mul(emit, a[j]!, b[i]!));
  return castTo(emit, concatAxis(emit, [part(1, 2), part(2, 0), part(0, 1)], axis), dtype);
}
export const cross = defineLowering(aten.cross, ({ self, other }, { dim }, emit) => crossOf(emit, self, other, dim));
export const linalgCross = defineLowering(aten.linalgCross, ({ self, other }, { dim }, emit) =>
  crossOf(emit, self, other, dim),
);

export const trace = defineLowering(aten.trace, ({ self }, _, emit) => {
  if (isComplex(self.type.dtype)) return complex;
  return sumOver(emit, castTo(emit, emit(diagonal, { self }), sumResult(self.type.dtype)), [0], false);
});

const chain = (emit: Emit, factors: readonly Value[]): Value | Rejection =>
  factors
    .slice(1)
    .reduce<Value | Rejection>((a, b) => (a instanceof Rejection ? a : generalMatmul(emit, a, b)), factors[0]!);
export const chainMatmul = defineLowering(aten.chainMatmul, ({ matrices }, _, emit) => chain(emit, matrices));
export const linalgMultiDot = defineLowering(aten.linalgMultiDot, ({ tensors }, _, emit) => chain(emit, tensors));

export const linalgVecdot = defineLowering(aten.linalgVecdot, ({ x, y }, { dim }, emit) => {
  if (isComplex(x.type.dtype)) return complex;
  const products = mul(emit, x, y);
  return sumOver(emit, products, [axisOf(dim, products.type.shape.length)], false);
});
