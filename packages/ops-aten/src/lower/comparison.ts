import { tfl } from "@tflower/backend-tflite";
import {
  type DimExpr,
  defineLowering,
  type Emit,
  isComplex,
  type Rejection,
  reject,
  type Scalar,
  type Value,
} from "@tflower/core";
import * as aten from "../dialect/comparison.ts";
import { type Comparison, compare } from "../emit/compare.ts";
import { convertTo, float, numberValue } from "../emit/convert.ts";
import { abs, isLess, isNaNValue, plus, sub, times } from "../emit/pointwise.ts";
import { resultDType } from "../semantics/promote.ts";
import { withNumberType } from "../semantics/result-types.ts";

const noComplex = "complex numbers have no kernels";
const tensors =
  (how: Comparison) =>
  ({ self, other }: { readonly self: Value; readonly other: Value }, _: unknown, emit: Emit): Value | Rejection => {
    const dtype = resultDType(self.type, other.type);
    return isComplex(dtype) ? reject(noComplex) : compare(emit, how, dtype, self, other);
  };
const withNumber =
  (how: Comparison) =>
  (
    { self }: { readonly self: Value },
    { other }: { readonly other: Scalar | DimExpr },
    emit: Emit,
  ): Value | Rejection => {
    const { dtype } = withNumberType(self.type, other);
    return isComplex(dtype) ? reject(noComplex) : compare(emit, how, dtype, self, numberValue(emit, other, dtype));
  };

export const eqTensor = defineLowering(aten.eqTensor, tensors("eq"));
export const neTensor = defineLowering(aten.neTensor, tensors("ne"));
export const geTensor = defineLowering(aten.geTensor, tensors("ge"));
export const gtTensor = defineLowering(aten.gtTensor, tensors("gt"));
export const leTensor = defineLowering(aten.leTensor, tensors("le"));
export const ltTensor = defineLowering(aten.ltTensor, tensors("lt"));
export const eqScalar = defineLowering(aten.eqScalar, withNumber("eq"));
export const neScalar = defineLowering(aten.neScalar, withNumber("ne"));
export const geScalar = defineLowering(aten.geScalar, withNumber("ge"));
export const gtScalar = defineLowering(aten.gtScalar, withNumber("gt"));
export const leScalar = defineLowering(aten.leScalar, withNumber("le"));
export const ltScalar = defineLowering(aten.ltScalar, withNumber("lt"));

export const isclose = defineLowering(aten.isclose, ({ self, other }, { rtol, atol, equal_nan }, emit) => {
  const promoted = resultDType(self.type, other.type);
  if (isComplex(promoted)) return reject(noComplex);
  const [a, b] = [convertTo(emit, self, "f32"), convertTo(emit, other, "f32")];
  const same = compare(emit, "eq", promoted, self, other);
  const distance = abs(emit, sub(emit, a, b));
  const near = emit(tfl.lessEqual, { lhs: distance, rhs: plus(emit, times(emit, abs(emit, b), rtol), atol) });
  // an infinite bound is not a distance that one may keep
  const close = emit(tfl.logicalAnd, { lhs: near, rhs: isLess(emit, distance, float(emit, Infinity)) });
  const alike = emit(tfl.logicalOr, { lhs: same, rhs: close });
  if (!equal_nan) return alike;
  return emit(tfl.logicalOr, {
    lhs: alike,
    rhs: emit(tfl.logicalAnd, { lhs: isNaNValue(emit, a), rhs: isNaNValue(emit, b) }),
  });
});
