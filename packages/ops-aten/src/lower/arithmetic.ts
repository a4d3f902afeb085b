import { tfl } from "@tflower/backend-tflite";
import {
  type DimExpr,
  type DType,
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
import * as aten from "../dialect/arithmetic.ts";
import { computeIn, convertTo, numberValue } from "../emit/convert.ts";
import { add, mul, sub } from "../emit/pointwise.ts";

const resultOf = (node: Node<any>): DType => node.results[0]!.type.dtype;
const noComplex = "complex numbers have no kernels";
const isOne = (s: Scalar | DimExpr): boolean => typeof s !== "object" && Number(s) === 1;

/** `a ± alpha * b`, bools joined by `or`. */
function scaledSum(emit: Emit, node: Node<any>, a: Value, b: Value, alpha: Scalar, op: typeof add): Value | Rejection {
  const dtype = resultOf(node);
  if (isComplex(dtype)) return reject(noComplex);
  if (dtype === "bool") return alpha ? emit(tfl.logicalOr, { lhs: a, rhs: b }) : a;
  return computeIn(emit, dtype, [a, b], (x, y) =>
    op(emit, x, isOne(alpha) ? y : mul(emit, y, numberValue(emit, alpha, y.type.dtype))),
  );
}
const number = (emit: Emit, node: Node<any>, s: Scalar | DimExpr): Value => numberValue(emit, s, resultOf(node));

export const addTensor = defineLowering(aten.addTensor, ({ self, other }, { alpha }, emit, node) =>
  scaledSum(emit, node, self, other, alpha, add),
);
export const addScalar = defineLowering(aten.addScalar, ({ self }, { other, alpha }, emit, node) =>
  scaledSum(emit, node, self, number(emit, node, other), alpha, add),
);
export const subTensor = defineLowering(aten.subTensor, ({ self, other }, { alpha }, emit, node) =>
  scaledSum(emit, node, self, other, alpha, sub),
);
export const subScalar = defineLowering(aten.subScalar, ({ self }, { other, alpha }, emit, node) =>
  scaledSum(emit, node, self, number(emit, node, other), alpha, sub),
);
export const rsubTensor = defineLowering(aten.rsubTensor, ({ self, other }, { alpha }, emit, node) =>
  scaledSum(emit, node, other, self, alpha, sub),
);
export const rsubScalar = defineLowering(aten.rsubScalar, ({ self }, { other, alpha }, emit, node) =>
  scaledSum(emit, node, number(emit, node, other), self, alpha, sub),
);

function product(emit: Emit, node: Node<any>, a: Value, b: Value): Value | Rejection {
  const dtype = resultOf(node);
  if (isComplex(dtype)) return reject(noComplex);
  if (dtype === "bool") return emit(tfl.logicalAnd, { lhs: a, rhs: b });
  return computeIn(emit, dtype, [a, b], (x, y) => mul(emit, x, y));
}
export const mulTensor = defineLowering(aten.mulTensor, ({ self, other }, _, emit, node) =>
  product(emit, node, self, other),
);
export const mulScalar = defineLowering(aten.mulScalar, ({ self }, { other }, emit, node) =>
  product(emit, node, self, number(emit, node, other)),
);

export const addcmul = defineLowering(aten.addcmul, ({ self, tensor1, tensor2 }, { value }, emit, node) => {
  if (isComplex(resultOf(node))) return reject(noComplex);
  return computeIn(emit, resultOf(node), [self, tensor1, tensor2], (x, a, b) => {
    const scaled = isOne(value) ? a! : mul(emit, a!, numberValue(emit, value, a!.type.dtype));
    return add(emit, x!, mul(emit, scaled, b!));
  });
});
export const addcdiv = defineLowering(aten.addcdiv, ({ self, tensor1, tensor2 }, { value }, emit, node) => {
  if (isComplex(resultOf(node))) return reject(noComplex);
  return computeIn(emit, resultOf(node), [self, tensor1, tensor2], (x, a, b) => {
    const scaled = isOne(value) ? a! : mul(emit, a!, numberValue(emit, value, a!.type.dtype));
    return add(emit, x!, emit(tfl.div, { lhs: scaled, rhs: b! }));
  });
});

export const lerpScalar = defineLowering(aten.lerpScalar, ({ self, end }, { weight }, emit) => {
  if (!isFloat(self.type.dtype) || typeof weight === "object") return reject(noComplex);
  const distance = sub(emit, end, self);
  const w = Number(weight);
  return Math.abs(w) < 0.5
    ? add(emit, self, mul(emit, distance, numberValue(emit, w, "f32")))
    : sub(emit, end, mul(emit, distance, numberValue(emit, 1 - w, "f32")));
});
export const lerpTensor = defineLowering(aten.lerpTensor, ({ self, end, weight }, _, emit) => {
  if (!isFloat(self.type.dtype)) return reject(noComplex);
  const distance = sub(emit, end, self);
  const w = convertTo(emit, weight, self.type.dtype);
  const half = emit(tfl.less, { lhs: emit(tfl.abs, { input: w }), rhs: numberValue(emit, 0.5, "f32") });
  const near = add(emit, self, mul(emit, w, distance));
  const far = sub(emit, end, mul(emit, distance, sub(emit, numberValue(emit, 1, "f32"), w)));
  return emit(tfl.selectV2, { condition: half, x: near, y: far });
});
