import { tfl } from "@tflower/backend-tflite";
import {
  type DType,
  defineLowering,
  dtypeInfo,
  type Emit,
  isComplex,
  type Node,
  type Rejection,
  reject,
  type Scalar,
  type Value,
} from "@tflower/core";
import * as aten from "../dialect/logical.ts";
import { and, not, or, shiftLeft, shiftRight, xor } from "../emit/bitwise.ts";
import { computeIn, convertTo, numberValue } from "../emit/convert.ts";

type Pair = { readonly self: Value; readonly other: Value };
type Join = (emit: Emit, a: Value, b: Value) => Value;
const bothHold: Join = (emit, lhs, rhs) => emit(tfl.logicalAnd, { lhs, rhs });
const oneHolds: Join = (emit, lhs, rhs) => emit(tfl.logicalOr, { lhs, rhs });
const oneOnlyHolds: Join = (emit, lhs, rhs) => emit(tfl.notEqual, { lhs, rhs });

const logical =
  (join: Join) =>
  ({ self, other }: Pair, _: unknown, emit: Emit): Value | Rejection =>
    isComplex(self.type.dtype) || isComplex(other.type.dtype)
      ? reject("complex numbers have no kernels")
      : join(emit, convertTo(emit, self, "bool"), convertTo(emit, other, "bool"));
export const logicalAnd = defineLowering(aten.logicalAnd, logical(bothHold));
export const logicalOr = defineLowering(aten.logicalOr, logical(oneHolds));
export const logicalXor = defineLowering(aten.logicalXor, logical(oneOnlyHolds));
export const logicalNot = defineLowering(aten.logicalNot, ({ self }, _, emit) =>
  isComplex(self.type.dtype)
    ? reject("complex numbers have no kernels")
    : emit(tfl.logicalNot, { input: convertTo(emit, self, "bool") }),
);

const joined = (emit: Emit, node: Node<any>, a: Value, b: Value, bools: Join, integers: Join): Value => {
  const { dtype } = node.results[0]!.type;
  return dtype === "bool" ? bools(emit, a, b) : computeIn(emit, dtype, [a, b], (x, y) => integers(emit, x!, y!));
};
const dtypeOf = (node: Node<any>): DType => node.results[0]!.type.dtype;
const tensors =
  (bools: Join, integers: Join) =>
  ({ self, other }: Pair, _: unknown, emit: Emit, node: Node<any>): Value =>
    joined(emit, node, self, other, bools, integers);
const number =
  (bools: Join, integers: Join) =>
  ({ self }: { readonly self: Value }, { other }: { readonly other: Scalar }, emit: Emit, node: Node<any>): Value =>
    joined(emit, node, self, numberValue(emit, other, dtypeOf(node)), bools, integers);
const numberFirst =
  (bools: Join, integers: Join) =>
  ({ other }: { readonly other: Value }, { self }: { readonly self: Scalar }, emit: Emit, node: Node<any>): Value =>
    joined(emit, node, other, numberValue(emit, self, dtypeOf(node)), bools, integers);

export const bitwiseAndTensor = defineLowering(aten.bitwiseAndTensor, tensors(bothHold, and));
export const bitwiseAndScalar = defineLowering(aten.bitwiseAndScalar, number(bothHold, and));
export const bitwiseAndScalarTensor = defineLowering(aten.bitwiseAndScalarTensor, numberFirst(bothHold, and));
export const bitwiseOrTensor = defineLowering(aten.bitwiseOrTensor, tensors(oneHolds, or));
export const bitwiseOrScalar = defineLowering(aten.bitwiseOrScalar, number(oneHolds, or));
export const bitwiseOrScalarTensor = defineLowering(aten.bitwiseOrScalarTensor, numberFirst(oneHolds, or));
export const bitwiseXorTensor = defineLowering(aten.bitwiseXorTensor, tensors(oneOnlyHolds, xor));
export const bitwiseXorScalar = defineLowering(aten.bitwiseXorScalar, number(oneOnlyHolds, xor));
export const bitwiseXorScalarTensor = defineLowering(aten.bitwiseXorScalarTensor, numberFirst(oneOnlyHolds, xor));
export const bitwiseNot = defineLowering(aten.bitwiseNot, ({ self }, _, emit) =>
  self.type.dtype === "bool"
    ? emit(tfl.logicalNot, { input: self })
    : computeIn(emit, self.type.dtype, [self], (x) => not(emit, x!)),
);

type Shift = typeof shiftLeft;
const shifted = (emit: Emit, node: Node<any>, a: Value, count: Value, shift: Shift): Value => {
  const dtype = dtypeOf(node);
  return computeIn(emit, dtype, [a, count], (x, n) => shift(emit, x!, n!, dtypeInfo(dtype).bits));
};
const byTensors =
  (shift: Shift) =>
  ({ self, other }: Pair, _: unknown, emit: Emit, node: Node<any>): Value =>
    shifted(emit, node, self, other, shift);
const byNumber =
  (shift: Shift) =>
  ({ self }: { readonly self: Value }, { other }: { readonly other: Scalar }, emit: Emit, node: Node<any>): Value =>
    shifted(emit, node, self, numberValue(emit, other, dtypeOf(node)), shift);
const ofNumber =
  (shift: Shift) =>
  ({ other }: { readonly other: Value }, { self }: { readonly self: Scalar }, emit: Emit, node: Node<any>): Value =>
    shifted(emit, node, numberValue(emit, self, dtypeOf(node)), other, shift);
export const bitwiseLeftShiftTensor = defineLowering(aten.bitwiseLeftShiftTensor, byTensors(shiftLeft));
export const bitwiseLeftShiftTensorScalar = defineLowering(aten.bitwiseLeftShiftTensorScalar, byNumber(shiftLeft));
export const bitwiseLeftShiftScalarTensor = defineLowering(aten.bitwiseLeftShiftScalarTensor, ofNumber(shiftLeft));
export const bitwiseRightShiftTensor = defineLowering(aten.bitwiseRightShiftTensor, byTensors(shiftRight));
export const bitwiseRightShiftTensorScalar = defineLowering(aten.bitwiseRightShiftTensorScalar, byNumber(shiftRight));
export const bitwiseRightShiftScalarTensor = defineLowering(aten.bitwiseRightShiftScalarTensor, ofNumber(shiftRight));
