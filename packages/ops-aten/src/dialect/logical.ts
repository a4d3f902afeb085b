import {
  type DType,
  dtypes,
  invalid,
  isInteger,
  type Scalar,
  showType,
  type TensorData,
  type TensorType,
  tensor,
} from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { arithmetic } from "../semantics/binary.ts";
import { shiftLeft, shiftRight } from "../semantics/integers.ts";
import { castData, mapIntegers } from "../semantics/pointwise.ts";
import { boolPairType, boolType, pairType, selfType, withNumberType } from "../semantics/result-types.ts";
import { scalarTensor } from "../semantics/scalar.ts";

const traits = { elementwise: true } as const;
const commutative = { elementwise: true, commutative: true } as const;
type Pair<T> = { readonly self: T; readonly other: T };
type Join = (a: bigint, b: bigint) => bigint;

const logical = (summary: string, f: Join) => ({
  summary,
  traits: commutative,
  infer: boolPairType,
  evaluate: ({ self, other }: Pair<TensorData>, _: unknown, [type]: readonly TensorType[]) =>
    mapIntegers(type!, [castData(self, "bool"), castData(other, "bool")], f),
});
const and: Join = (a, b) => a & b;
const or: Join = (a, b) => a | b;
const xor: Join = (a, b) => a ^ b;

export const logicalAnd = defineAten(
  "logical_and(Tensor self, Tensor other) -> Tensor",
  logical("Whether both are non-zero.", and),
);
export const logicalOr = defineAten(
  "logical_or(Tensor self, Tensor other) -> Tensor",
  logical("Whether one is non-zero.", or),
);
export const logicalXor = defineAten(
  "logical_xor(Tensor self, Tensor other) -> Tensor",
  logical("Whether exactly one is non-zero.", xor),
);
export const logicalNot = defineAten("logical_not(Tensor self) -> Tensor", {
  summary: "Whether it is zero.",
  traits,
  infer: boolType,
  evaluate: ({ self }, _, [type]) => mapIntegers(type!, [castData(self, "bool")], (x) => 1n - x),
});

function integral(type: TensorType, what: "bits" | "shifts"): TensorType {
  if (isInteger(type.dtype) || (type.dtype === "bool" && what === "bits")) return type;
  return invalid(`takes ${what === "bits" ? "integers or bools" : "integers"}, got ${showType(type)}`);
}
const bits = (type: TensorType, a: TensorData, b: TensorData, f: Join): TensorData =>
  arithmetic(type, [a, b], () => Number.NaN, f);
const bitwise = (summary: string, f: Join) => ({
  summary,
  traits: commutative,
  infer: (types: Pair<TensorType>) => integral(pairType(types), "bits"),
  evaluate: ({ self, other }: Pair<TensorData>, _: unknown, [type]: readonly TensorType[]) =>
    bits(type!, self, other, f),
});
type Number = { readonly other: Scalar };
const bitwiseNumber = (summary: string, f: Join) => ({
  summary,
  traits,
  infer: ({ self }: { readonly self: TensorType }, { other }: Number) => integral(withNumberType(self, other), "bits"),
  evaluate: ({ self }: { readonly self: TensorData }, { other }: Number, [type]: readonly TensorType[]) =>
    bits(type!, self, scalarTensor(other, type!.dtype), f),
});
const numberBitwise = (summary: string, f: Join) => ({
  summary,
  traits,
  infer: ({ other }: { readonly other: TensorType }, { self }: { readonly self: Scalar }) =>
    integral(withNumberType(other, self), "bits"),
  evaluate: (
    { other }: { readonly other: TensorData },
    { self }: { readonly self: Scalar },
    [type]: readonly TensorType[],
  ) => bits(type!, scalarTensor(self, type!.dtype), other, f),
});

export const bitwiseAndTensor = defineAten(
  "bitwise_and.Tensor(Tensor self, Tensor other) -> Tensor",
  bitwise("And of bits.", and),
);
export const bitwiseAndScalar = defineAten(
  "bitwise_and.Scalar(Tensor self, Scalar other) -> Tensor",
  bitwiseNumber("And of bits with a number.", and),
);
export const bitwiseAndScalarTensor = defineAten(
  "bitwise_and.Scalar_Tensor(Scalar self, Tensor other) -> Tensor",
  numberBitwise("And of bits of a number.", and),
);
export const bitwiseOrTensor = defineAten(
  "bitwise_or.Tensor(Tensor self, Tensor other) -> Tensor",
  bitwise("Or of bits.", or),
);
export const bitwiseOrScalar = defineAten(
  "bitwise_or.Scalar(Tensor self, Scalar other) -> Tensor",
  bitwiseNumber("Or of bits with a number.", or),
);
export const bitwiseOrScalarTensor = defineAten(
  "bitwise_or.Scalar_Tensor(Scalar self, Tensor other) -> Tensor",
  numberBitwise("Or of bits of a number.", or),
);
export const bitwiseXorTensor = defineAten(
  "bitwise_xor.Tensor(Tensor self, Tensor other) -> Tensor",
  bitwise("Exclusive or of bits.", xor),
);
export const bitwiseXorScalar = defineAten(
  "bitwise_xor.Scalar(Tensor self, Scalar other) -> Tensor",
  bitwiseNumber("Exclusive or of bits with a number.", xor),
);
export const bitwiseXorScalarTensor = defineAten(
  "bitwise_xor.Scalar_Tensor(Scalar self, Tensor other) -> Tensor",
  numberBitwise("Exclusive or of bits of a number.", xor),
);
export const bitwiseNot = defineAten("bitwise_not(Tensor self) -> Tensor", {
  summary: "Every bit turned over; bools are negated.",
  traits,
  infer: (types) => integral(selfType(types), "bits"),
  evaluate: ({ self }, _, [type]) => mapIntegers(type!, [self], type!.dtype === "bool" ? (x) => 1n - x : (x) => ~x),
});

type Shift = (a: bigint, b: bigint, width: number) => bigint;
const shifted = (type: TensorType, a: TensorData, b: TensorData, f: Shift): TensorData => {
  const width = dtypes[type.dtype as DType].bits;
  return arithmetic(
    type,
    [a, b],
    () => Number.NaN,
    (x, n) => f(x!, n!, width),
  );
};
const shift = (summary: string, f: Shift) => ({
  summary,
  traits,
  infer: (types: Pair<TensorType>) => integral(pairType(types), "shifts"),
  evaluate: ({ self, other }: Pair<TensorData>, _: unknown, [type]: readonly TensorType[]) =>
    shifted(type!, self, other, f),
});
const shiftNumber = (summary: string, f: Shift) => ({
  summary,
  traits,
  infer: ({ self }: { readonly self: TensorType }, { other }: Number) =>
    integral(withNumberType(self, other), "shifts"),
  evaluate: ({ self }: { readonly self: TensorData }, { other }: Number, [type]: readonly TensorType[]) =>
    shifted(type!, self, scalarTensor(other, type!.dtype), f),
});
const numberShift = (summary: string, f: Shift) => ({
  summary,
  traits,
  infer: ({ other }: { readonly other: TensorType }, { self }: { readonly self: Scalar }) =>
    integral(tensor(withNumberType(other, self).dtype, other.shape), "shifts"),
  evaluate: (
    { other }: { readonly other: TensorData },
    { self }: { readonly self: Scalar },
    [type]: readonly TensorType[],
  ) => shifted(type!, scalarTensor(self, type!.dtype), other, f),
});
const left = "Shift to the left; zero for a count that is negative or too large.";
const right = "Shift to the right, keeping the sign; only the sign is left for a count that is negative or too large.";

export const bitwiseLeftShiftTensor = defineAten(
  "bitwise_left_shift.Tensor(Tensor self, Tensor other) -> Tensor",
  shift(left, shiftLeft),
);
export const bitwiseLeftShiftTensorScalar = defineAten(
  "bitwise_left_shift.Tensor_Scalar(Tensor self, Scalar other) -> Tensor",
  shiftNumber(left, shiftLeft),
);
export const bitwiseLeftShiftScalarTensor = defineAten(
  "bitwise_left_shift.Scalar_Tensor(Scalar self, Tensor other) -> Tensor",
  numberShift(left, shiftLeft),
);
export const bitwiseRightShiftTensor = defineAten(
  "bitwise_right_shift.Tensor(Tensor self, Tensor other) -> Tensor",
  shift(right, shiftRight),
);
export const bitwiseRightShiftTensorScalar = defineAten(
  "bitwise_right_shift.Tensor_Scalar(Tensor self, Scalar other) -> Tensor",
  shiftNumber(right, shiftRight),
);
export const bitwiseRightShiftScalarTensor = defineAten(
  "bitwise_right_shift.Scalar_Tensor(Scalar self, Tensor other) -> Tensor",
  numberShift(right, shiftRight),
);
