import {
  type DimExpr,
  dataOf,
  defineLowering,
  type Emit,
  isComplex,
  isFloat,
  type Node,
  type Rejection,
  reject,
  type Scalar,
  type Value,
} from "@tflower/core";
import * as aten from "../dialect/division.ts";
import { computeIn, convertTo, numberValue } from "../emit/convert.ts";
import {
  floorQuotient,
  floorQuotientOfFloats,
  floorRemainder,
  truncatedQuotient,
  truncatedRemainder,
} from "../emit/divide.ts";
import { div, mul, truncated } from "../emit/pointwise.ts";

type Number = Scalar | DimExpr;
type Pair = { readonly self: Value; readonly other: Value };
type Rounding = "trunc" | "floor" | undefined;
const noComplex = "complex numbers have no kernels";

const number = (emit: Emit, node: Node<any>, s: Number): Value => numberValue(emit, s, node.results[0]!.type.dtype);

/** Division by a power of two is multiplication by its inverse, exactly; the kernel for products is the faster one. */
function trueQuotient(emit: Emit, a: Value, b: Value): Value {
  const data = dataOf(b);
  const only = data?.data.length === 1 ? Number(data.data[0]) : 0;
  const exact =
    only !== 0 &&
    Number.isInteger(Math.log2(Math.abs(only))) &&
    Math.abs(only) < 2 ** 100 &&
    Math.abs(only) > 2 ** -100;
  return exact
    ? mul(emit, a, emit.constant({ type: data!.type, data: new Float32Array([1 / only]) }))
    : div(emit, a, b);
}

function quotient(emit: Emit, node: Node<any>, a: Value, b: Value, mode: Rounding): Value | Rejection {
  const { dtype } = node.results[0]!.type;
  if (isComplex(dtype)) return reject(noComplex);
  if (!isFloat(dtype))
    return computeIn(emit, dtype, [a, b], (x, y) => (mode === "floor" ? floorQuotient : truncatedQuotient)(emit, x, y));
  const [x, y] = [convertTo(emit, a, dtype), convertTo(emit, b, dtype)];
  if (mode === "floor") return floorQuotientOfFloats(emit, x, y);
  const exact = trueQuotient(emit, x, y);
  return mode === "trunc" ? truncated(emit, exact) : exact;
}
export const divTensor = defineLowering(aten.divTensor, ({ self, other }, _, emit, node) =>
  quotient(emit, node, self, other, undefined),
);
export const divScalar = defineLowering(aten.divScalar, ({ self }, { other }, emit, node) =>
  quotient(emit, node, self, number(emit, node, other), undefined),
);
export const divTensorMode = defineLowering(aten.divTensorMode, ({ self, other }, { rounding_mode }, emit, node) =>
  quotient(emit, node, self, other, rounding_mode),
);
export const divScalarMode = defineLowering(aten.divScalarMode, ({ self }, { other, rounding_mode }, emit, node) =>
  quotient(emit, node, self, number(emit, node, other), rounding_mode),
);
export const floorDivide = defineLowering(aten.floorDivide, ({ self, other }, _, emit, node) =>
  quotient(emit, node, self, other, "floor"),
);
export const floorDivideScalar = defineLowering(aten.floorDivideScalar, ({ self }, { other }, emit, node) =>
  quotient(emit, node, self, number(emit, node, other), "floor"),
);

const remainder = (emit: Emit, node: Node<any>, a: Value, b: Value): Value =>
  computeIn(emit, node.results[0]!.type.dtype, [a, b], (x, y) => floorRemainder(emit, x, y));
const rest = (emit: Emit, node: Node<any>, a: Value, b: Value): Value =>
  computeIn(emit, node.results[0]!.type.dtype, [a, b], (x, y) => truncatedRemainder(emit, x, y));
export const remainderTensor = defineLowering(aten.remainderTensor, ({ self, other }: Pair, _, emit, node) =>
  remainder(emit, node, self, other),
);
export const remainderScalar = defineLowering(aten.remainderScalar, ({ self }, { other }, emit, node) =>
  remainder(emit, node, self, number(emit, node, other)),
);
export const remainderScalarTensor = defineLowering(aten.remainderScalarTensor, ({ other }, { self }, emit, node) =>
  remainder(emit, node, number(emit, node, self), other),
);
export const fmodTensor = defineLowering(aten.fmodTensor, ({ self, other }: Pair, _, emit, node) =>
  rest(emit, node, self, other),
);
export const fmodScalar = defineLowering(aten.fmodScalar, ({ self }, { other }, emit, node) =>
  rest(emit, node, self, number(emit, node, other)),
);
