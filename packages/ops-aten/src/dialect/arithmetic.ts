import {
  attr,
  type DType,
  invalid,
  isComplex,
  isFloat,
  type Scalar,
  showType,
  type TensorData,
  type TensorType,
} from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { sizeAttr } from "../schema/size-attr.ts";
import { arithmetic } from "../semantics/binary.ts";
import { mapNumbers } from "../semantics/pointwise.ts";
import { resultDType } from "../semantics/promote.ts";
import { isIntegral, pairType, withNumberType } from "../semantics/result-types.ts";
import { isComplexNumber, scalarTensor } from "../semantics/scalar.ts";
import { stepRounding } from "../semantics/step-rounding.ts";

const traits = { elementwise: true } as const;
const commutative = { elementwise: true, commutative: true } as const;

/** `a + alpha * b` in the result's dtype; bools are joined by `or`, as PyTorch adds them. */
function addScaled(type: TensorType, a: TensorData, b: TensorData, alpha: Scalar, sign: 1 | -1): TensorData {
  const { dtype } = type;
  if (dtype === "bool")
    return arithmetic(
      type,
      [a, b],
      () => 0,
      (x, y) => (alpha ? x | y : x),
    );
  const scale = scalarTensor(alpha, dtype);
  const round = stepRounding(dtype);
  const f = (x: number, y: number, k: number): number => x + sign * round(k * y);
  const g =
    sign === 1 ? (x: bigint, y: bigint, k: bigint) => x + k * y : (x: bigint, y: bigint, k: bigint) => x - k * y;
  return arithmetic(type, [a, b, scale], f as never, g as never);
}

/** Why `alpha` does not fit a result of `dtype`. */
function checkAlpha(dtype: DType, alpha: Scalar): void {
  if (isIntegral(dtype) && typeof alpha === "number")
    invalid(`alpha must be an integer for ${dtype} elements, got ${alpha}`);
  if (!isComplex(dtype) && isComplexNumber(alpha)) invalid(`alpha must be real for ${dtype} elements`);
}
const sumType = (self: TensorType, other: TensorType, alpha: Scalar): TensorType => {
  const type = pairType({ self, other });
  checkAlpha(type.dtype, alpha);
  return type;
};
const differenceType = (self: TensorType, other: TensorType, alpha: Scalar): TensorType =>
  self.dtype === "bool" && other.dtype === "bool"
    ? invalid("bools are not subtracted: use logical_xor")
    : sumType(self, other, alpha);

export const addTensor = defineAten("add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor", {
  summary: "`self + alpha * other`.",
  traits,
  infer: ({ self, other }, { alpha }) => sumType(self, other, alpha),
  evaluate: ({ self, other }, { alpha }, [type]) => addScaled(type!, self, other, alpha, 1),
});
export const addScalar = defineAten("add.Scalar(Tensor self, Scalar other, Scalar alpha=1) -> Tensor", {
  summary: "`self + alpha * other` with a number.",
  attrs: { other: sizeAttr.required },
  traits,
  infer: ({ self }, { other }) => withNumberType(self, other),
  evaluate: ({ self }, { other, alpha }, [type]) => addScaled(type!, self, scalarTensor(other, type!.dtype), alpha, 1),
});
export const subTensor = defineAten("sub.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor", {
  summary: "`self - alpha * other`.",
  traits,
  infer: ({ self, other }, { alpha }) => differenceType(self, other, alpha),
  evaluate: ({ self, other }, { alpha }, [type]) => addScaled(type!, self, other, alpha, -1),
});
export const subScalar = defineAten("sub.Scalar(Tensor self, Scalar other, Scalar alpha=1) -> Tensor", {
  summary: "`self - alpha * other` with a number.",
  attrs: { other: sizeAttr.required },
  traits,
  infer: ({ self }, { other }) => withNumberType(self, other),
  evaluate: ({ self }, { other, alpha }, [type]) => addScaled(type!, self, scalarTensor(other, type!.dtype), alpha, -1),
});
export const rsubTensor = defineAten("rsub.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor", {
  summary: "`other - alpha * self`.",
  traits,
  infer: ({ self, other }, { alpha }) => differenceType(self, other, alpha),
  evaluate: ({ self, other }, { alpha }, [type]) => addScaled(type!, other, self, alpha, -1),
});
export const rsubScalar = defineAten("rsub.Scalar(Tensor self, Scalar other, Scalar alpha=1) -> Tensor", {
  summary: "`other - alpha * self` with a number.",
  attrs: { other: sizeAttr.required },
  traits,
  infer: ({ self }, { other }) => withNumberType(self, other),
  evaluate: ({ self }, { other, alpha }, [type]) => addScaled(type!, scalarTensor(other, type!.dtype), self, alpha, -1),
});

const product = (type: TensorType, a: TensorData, b: TensorData): TensorData =>
  arithmetic(
    type,
    [a, b],
    (x, y) => x * y,
    (x, y) => x * y,
  );

export const mulTensor = defineAten("mul.Tensor(Tensor self, Tensor other) -> Tensor", {
  summary: "Product by element; bools are joined by `and`.",
  traits: commutative,
  infer: pairType,
  evaluate: ({ self, other }, _, [type]) => product(type!, self, other),
});
export const mulScalar = defineAten("mul.Scalar(Tensor self, Scalar other) -> Tensor", {
  summary: "Product with a number.",
  attrs: { other: sizeAttr.required },
  traits,
  infer: ({ self }, { other }) => withNumberType(self, other),
  evaluate: ({ self }, { other }, [type]) => product(type!, self, scalarTensor(other, type!.dtype)),
});

/** `self + value * a op b`, in the dtype all three promote to. */
function fusedType(types: readonly TensorType[], value: Scalar, pair: TensorType): TensorType {
  const dtype = resultDType(...types);
  if (isIntegral(dtype) && typeof value === "number")
    invalid(`value must be an integer for ${dtype} elements, got ${value}`);
  return { ...pair, dtype };
}
export const addcmul = defineAten("addcmul(Tensor self, Tensor tensor1, Tensor tensor2, *, Scalar value=1) -> Tensor", {
  summary: "`self + value * tensor1 * tensor2`.",
  attrs: { value: attr.scalar.default_(1n) },
  traits,
  infer: ({ self, tensor1, tensor2 }, { value }) =>
    fusedType([self, tensor1, tensor2], value, pairType({ self, other: pairType({ self: tensor1, other: tensor2 }) })),
  evaluate({ self, tensor1, tensor2 }, { value }, [type]) {
    const round = stepRounding(type!.dtype);
    return arithmetic(
      type!,
      [self, tensor1, tensor2, scalarTensor(value, type!.dtype)],
      (x, a, b, k) => x! + round(round(k! * a!) * b!),
      (x, a, b, k) => x! + k! * a! * b!,
    );
  },
});
export const addcdiv = defineAten("addcdiv(Tensor self, Tensor tensor1, Tensor tensor2, *, Scalar value=1) -> Tensor", {
  summary: "`self + value * tensor1 / tensor2`.",
  attrs: { value: attr.scalar.default_(1n) },
  traits,
  infer: ({ self, tensor1, tensor2 }, { value }) => {
    if (!isFloat(resultDType(tensor1, tensor2)) && !isComplex(resultDType(tensor1, tensor2)))
      invalid("integers are not divided here: use true_divide and addcmul");
    return fusedType(
      [self, tensor1, tensor2],
      value,
      pairType({ self, other: pairType({ self: tensor1, other: tensor2 }) }),
    );
  },
  evaluate({ self, tensor1, tensor2 }, { value }, [type]) {
    const round = stepRounding(type!.dtype);
    const operands = [self, tensor1, tensor2, scalarTensor(value, type!.dtype)];
    return arithmetic(type!, operands, (x, a, b, k) => x! + round(round(k! * a!) / b!));
  },
});

/** PyTorch interpolates between tensors of one dtype only. */
const alike = (self: TensorType, other: TensorType): TensorType =>
  self.dtype === other.dtype
    ? pairType({ self, other })
    : invalid(`takes operands of one dtype, got ${showType(self)} and ${showType(other)}`);
export const lerpScalar = defineAten("lerp.Scalar(Tensor self, Tensor end, Scalar weight) -> Tensor", {
  summary: "`self + weight * (end - self)`, computed from the nearer end.",
  traits,
  infer: ({ self, end }) => alike(self, end),
  evaluate: ({ self, end }, { weight }, [type]) => interpolate(type!, self, end, scalarTensor(weight, type!.dtype)),
});
export const lerpTensor = defineAten("lerp.Tensor(Tensor self, Tensor end, Tensor weight) -> Tensor", {
  summary: "`self + weight * (end - self)`, computed from the nearer end.",
  traits,
  infer: ({ self, end, weight }) => alike(alike(self, end), weight),
  evaluate: ({ self, end, weight }, _, [type]) => interpolate(type!, self, end, weight),
});
function interpolate(type: TensorType, self: TensorData, end: TensorData, weight: TensorData): TensorData {
  const round = stepRounding(type.dtype);
  return mapNumbers(type, [self, end, weight], (a, b, w) => {
    const distance = round(b! - a!);
    return Math.abs(w!) < 0.5 ? a! + round(w! * distance) : b! - round(distance * round(1 - w!));
  });
}
