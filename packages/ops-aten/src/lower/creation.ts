import {
  type DimExpr,
  defineLowering,
  type Emit,
  isComplex,
  type Node,
  type Rejection,
  reject,
  type Scalar,
  type Value,
} from "@tflower/core";
import * as aten from "../dialect/creation.ts";
import { convertTo, numberValue } from "../emit/convert.ts";
import { fillWith } from "../emit/fill.ts";
import { reshapeTo } from "../emit/rearrange.ts";

/** One number everywhere, in the type of the result. */
function filled(emit: Emit, node: Node<any>, value: Scalar | DimExpr): Value | Rejection {
  const { dtype, shape } = node.results[0]!.type;
  return isComplex(dtype)
    ? reject("complex numbers have no kernels")
    : fillWith(emit, numberValue(emit, value, dtype), shape);
}
type Filling = { readonly fill_value: Scalar | DimExpr };
const byValue = (_: unknown, { fill_value }: Filling, emit: Emit, node: Node<any>): Value | Rejection =>
  filled(emit, node, fill_value);
const zeros = (_: unknown, __: unknown, emit: Emit, node: Node<any>): Value | Rejection => filled(emit, node, 0n);
const ones = (_: unknown, __: unknown, emit: Emit, node: Node<any>): Value | Rejection => filled(emit, node, 1n);

export const full = defineLowering(aten.full, byValue);
export const fullLike = defineLowering(aten.fullLike, byValue);
export const newFull = defineLowering(aten.newFull, byValue);
export const scalarTensor = defineLowering(aten.scalarTensorOp, (_, { s }, emit, node) => filled(emit, node, s));
export const fillScalar = defineLowering(aten.fillScalar, (_, { value }, emit, node) => filled(emit, node, value));
export const fillTensor = defineLowering(aten.fillTensor, ({ value }, _, emit, node) => {
  const { dtype, shape } = node.results[0]!.type;
  if (isComplex(dtype) || isComplex(value.type.dtype)) return reject("complex numbers have no kernels");
  return fillWith(emit, reshapeTo(emit, convertTo(emit, value, dtype), []), shape);
});
export const zerosLowering = defineLowering(aten.zeros, zeros);
export const onesLowering = defineLowering(aten.ones, ones);
export const zerosLike = defineLowering(aten.zerosLike, zeros);
export const onesLike = defineLowering(aten.onesLike, ones);
export const newZeros = defineLowering(aten.newZeros, zeros);
export const newOnes = defineLowering(aten.newOnes, ones);
export const zero = defineLowering(aten.zero, zeros);
export const emptyMemoryFormat = defineLowering(aten.emptyMemoryFormat, zeros);
export const emptyStrided = defineLowering(aten.emptyStrided, zeros);
export const emptyPermuted = defineLowering(aten.emptyPermuted, zeros);
export const emptyLike = defineLowering(aten.emptyLike, zeros);
export const newEmpty = defineLowering(aten.newEmpty, zeros);
export const newEmptyStrided = defineLowering(aten.newEmptyStrided, zeros);
