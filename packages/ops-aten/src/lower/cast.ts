import { defineLowering, type Emit, isComplex, type Node, type Rejection, reject, type Value } from "@tflower/core";
import * as aten from "../dialect/cast.ts";
import { convertTo } from "../emit/convert.ts";
import { spreadTo } from "../emit/pointwise.ts";

const cast = ({ self }: { readonly self: Value }, _: unknown, emit: Emit, node: Node<any>): Value | Rejection => {
  const { dtype } = node.results[0]!.type;
  if (isComplex(dtype) !== isComplex(self.type.dtype)) return reject("complex numbers have no kernels");
  return convertTo(emit, self, dtype);
};
export const toDtype = defineLowering(aten.toDtype, cast);
export const toDtypeLayout = defineLowering(aten.toDtypeLayout, cast);
export const toDevice = defineLowering(aten.toDevice, cast);
export const toOther = defineLowering(aten.toOther, cast);
export const toCopy = defineLowering(aten.toCopy, cast);
export const typeAs = defineLowering(aten.typeAs, cast);
export const copy = defineLowering(aten.copy, ({ self, src }, _, emit, node) => {
  const converted = cast({ self: src }, _, emit, node);
  return "reason" in converted ? converted : spreadTo(emit, converted, self.type.shape);
});
