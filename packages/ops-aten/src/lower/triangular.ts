import { tfl } from "@tflower/backend-tflite";
import {
  byteLength,
  countOf,
  type Dim,
  defineLowering,
  type Emit,
  isComplex,
  isFloat,
  isStaticShape,
  type Node,
  type Rejection,
  reject,
  type Value,
} from "@tflower/core";
import * as aten from "../dialect/triangular.ts";
import { constantResult } from "../emit/constant-result.ts";
import { computeIn, convertTo, numberValue } from "../emit/convert.ts";
import { mul, select } from "../emit/pointwise.ts";
import { placesWhere } from "../emit/triangle.ts";

function identity(_: unknown, __: unknown, emit: Emit, node: Node<any>): Value | Rejection {
  const { dtype, shape } = node.results[0]!.type;
  if (isComplex(dtype)) return reject("complex numbers have no kernels");
  if (isStaticShape(shape) && byteLength(dtype, countOf(shape)) <= 65536) return constantResult(emit, node);
  return convertTo(emit, placesWhere(emit, "equal", shape[0]!, shape[1]!, 0), dtype);
}
export const eye = defineLowering(aten.eye, identity);
export const eyeM = defineLowering(aten.eyeM, identity);

const triangle =
  (how: "atMost" | "atLeast") =>
  ({ self }: { readonly self: Value }, { diagonal }: { readonly diagonal: Dim }, emit: Emit): Value | Rejection => {
    const { dtype, shape } = self.type;
    if (isComplex(dtype)) return reject("complex numbers have no kernels");
    const mask = placesWhere(emit, how, shape.at(-2)!, shape.at(-1)!, diagonal);
    if (dtype === "bool") return emit(tfl.logicalAnd, { lhs: self, rhs: mask });
    // a product would leave NaN where an infinity is dropped
    if (isFloat(dtype)) return select(emit, mask, self, numberValue(emit, 0, dtype));
    return computeIn(emit, dtype, [self], (x) => mul(emit, x!, convertTo(emit, mask, x!.type.dtype)));
  };
export const tril = defineLowering(aten.tril, triangle("atMost"));
export const triu = defineLowering(aten.triu, triangle("atLeast"));

export const trilIndices = defineLowering(aten.trilIndices, (_, __, emit, node) => constantResult(emit, node));
export const triuIndices = defineLowering(aten.triuIndices, (_, __, emit, node) => constantResult(emit, node));
