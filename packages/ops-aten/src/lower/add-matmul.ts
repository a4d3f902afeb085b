import { tfl } from "@tflower/backend-tflite";
import {
  type DimExpr,
  type DType,
  defineLowering,
  type Emit,
  isComplex,
  isFloat,
  Rejection,
  reject,
  type Scalar,
  type Value,
} from "@tflower/core";
import { gelu } from "../dialect/activation.ts";
import * as aten from "../dialect/add-matmul.ts";
import { numberLike, widenInteger } from "../emit/compute.ts";
import { generalMatmul, isConstantExpression, linearOf, transposed } from "../emit/matmul.ts";
import { add, mul } from "../emit/pointwise.ts";
import { broadcastTo, castTo, reshapeTo } from "../emit/rearrange.ts";
import { sumOver } from "../emit/reduce.ts";
import { resultDType } from "../semantics/promote.ts";
import { realOf } from "../semantics/real-scalar.ts";

interface Factors {
  readonly beta: Scalar | DimExpr;
  readonly alpha: Scalar | DimExpr;
}
/** A factor as PyTorch takes it: integers without their fraction. */
const factorOf = (s: Scalar | DimExpr, dtype: DType, what: string): number =>
  isFloat(dtype) ? realOf(s, what) : Math.trunc(realOf(s, what));
const scaled = (emit: Emit, x: Value, factor: number): Value =>
  factor === 1 ? x : mul(emit, x, numberLike(emit, x, factor));

/** `beta * self + alpha * product`; a `beta` of zero leaves `self` out. Narrow integers are computed in int32 and wrap at the end. */
function plus(emit: Emit, self: Value, product: Value, { beta, alpha }: Factors, dtype: DType): Value {
  const b = factorOf(beta, dtype, "beta");
  const right = scaled(emit, widenInteger(emit, product), factorOf(alpha, dtype, "alpha"));
  return castTo(
    emit,
    b === 0 ? right : add(emit, right, scaled(emit, widenInteger(emit, castTo(emit, self, dtype)), b)),
    dtype,
  );
}
const sum = (emit: Emit, self: Value, product: Value | Rejection, f: Factors): Value | Rejection =>
  product instanceof Rejection ? product : plus(emit, self, product, f, self.type.dtype);

interface Addmm {
  readonly self: Value;
  readonly mat1: Value;
  readonly mat2: Value;
}
function addmmOf(emit: Emit, { self, mat1, mat2 }: Addmm, f: Factors): Value | Rejection {
  const plain =
    realOf(f.beta, "beta") === 1 &&
    realOf(f.alpha, "alpha") === 1 &&
    isFloat(self.type.dtype) &&
    self.type.shape.length === 1;
  // a linear layer as older exporters write it
  if (plain && isConstantExpression(mat2)) return linearOf(emit, mat1, transposed(emit, mat2), self);
  return sum(emit, self, generalMatmul(emit, mat1, mat2), f);
}
export const addmm = defineLowering(aten.addmm, (t, f, emit) => addmmOf(emit, t, f));
export const addmmActivation = defineLowering(aten.addmmActivation, (t, { use_gelu, ...f }, emit) => {
  const out = addmmOf(emit, t, f);
  return out instanceof Rejection ? out : use_gelu ? emit(gelu, { self: out }) : emit(tfl.relu, { input: out });
});
export const baddbmm = defineLowering(aten.baddbmm, ({ self, batch1, batch2 }, f, emit) =>
  sum(emit, self, generalMatmul(emit, batch1, batch2), f),
);
export const addbmm = defineLowering(aten.addbmm, ({ self, batch1, batch2 }, f, emit) => {
  const product = generalMatmul(emit, batch1, batch2);
  return product instanceof Rejection
    ? product
    : sum(emit, self, sumOver(emit, widenInteger(emit, product), [0], false), f);
});
export const addmv = defineLowering(aten.addmv, ({ self, mat, vec }, f, emit) =>
  sum(emit, self, generalMatmul(emit, mat, vec), f),
);

/** All products of two vectors. */
function outerOf(emit: Emit, a: Value, b: Value, dtype: DType): Value {
  const left = reshapeTo(emit, castTo(emit, a, dtype), [a.type.shape[0]!, 1]);
  const right = reshapeTo(emit, castTo(emit, b, dtype), [1, b.type.shape[0]!]);
  if (dtype === "bool") return emit(tfl.logicalAnd, { lhs: left, rhs: right });
  return castTo(emit, mul(emit, widenInteger(emit, left), widenInteger(emit, right)), dtype);
}
const outerProduct = (
  { self, vec2 }: { readonly self: Value; readonly vec2: Value },
  _: unknown,
  emit: Emit,
): Value | Rejection => {
  const dtype = resultDType(self.type, vec2.type);
  return isComplex(dtype) ? reject("has no lowering for complex numbers") : outerOf(emit, self, vec2, dtype);
};
export const outer = defineLowering(aten.outer, outerProduct);
export const ger = defineLowering(aten.ger, outerProduct);
export const addr = defineLowering(aten.addr, ({ self, vec1, vec2 }, f, emit) => {
  const dtype = resultDType(self.type, vec1.type, vec2.type);
  if (isComplex(dtype)) return reject("has no lowering for complex numbers");
  const product = outerOf(emit, vec1, vec2, dtype);
  if (dtype !== "bool") return plus(emit, self, product, f, dtype);
  const [b, a] = [realOf(f.beta, "beta") !== 0, realOf(f.alpha, "alpha") !== 0];
  const none = numberLike(emit, product, 0);
  return broadcastTo(emit, emit(tfl.logicalOr, { lhs: b ? self : none, rhs: a ? product : none }), product.type.shape);
});
