import { defineLowering, type Emit, isComplex, type Node, type Rejection, reject, type Value } from "@tflower/core";
import { nonzeroNumpy } from "../dialect/masked.ts";
import * as aten from "../dialect/select.ts";
import { convertTo, numberValue } from "../emit/convert.ts";
import { select } from "../emit/pointwise.ts";
import { reshapeTo } from "../emit/rearrange.ts";

function choose(emit: Emit, node: Node<any>, condition: Value, a: Value, b: Value): Value | Rejection {
  const { dtype } = node.results[0]!.type;
  if (isComplex(dtype)) return reject("complex numbers have no kernels");
  return select(emit, convertTo(emit, condition, "bool"), convertTo(emit, a, dtype), convertTo(emit, b, dtype));
}
const number = (emit: Emit, node: Node<any>, s: Parameters<typeof numberValue>[1]): Value =>
  numberValue(emit, s, node.results[0]!.type.dtype);

export const whereSelf = defineLowering(aten.whereSelf, ({ condition, self, other }, _, emit, node) =>
  choose(emit, node, condition, self, other),
);
export const whereScalarOther = defineLowering(aten.whereScalarOther, ({ condition, self }, { other }, emit, node) =>
  choose(emit, node, condition, self, number(emit, node, other)),
);
export const whereScalarSelf = defineLowering(aten.whereScalarSelf, ({ condition, other }, { self }, emit, node) =>
  choose(emit, node, condition, number(emit, node, self), other),
);
export const whereScalar = defineLowering(aten.whereScalar, ({ condition }, { self, other }, emit, node) =>
  choose(emit, node, condition, number(emit, node, self), number(emit, node, other)),
);
export const maskedFillScalar = defineLowering(aten.maskedFillScalar, ({ self, mask }, { value }, emit, node) =>
  choose(emit, node, mask, number(emit, node, value), self),
);
export const maskedFillTensor = defineLowering(aten.maskedFillTensor, ({ self, mask, value }, _, emit, node) =>
  choose(emit, node, mask, reshapeTo(emit, value, []), self),
);
export const whereOp = defineLowering(aten.whereOp, ({ condition }, _, emit, node) =>
  emit.all(
    nonzeroNumpy,
    { self: condition },
    {},
    node.results.map((r) => r.type),
  ),
);
