import { attr, invalid, roundTo, type Scalar, type TensorData, type TensorType } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { sizeAttr } from "../schema/size-attr.ts";
import { arithmetic } from "../semantics/binary.ts";
import * as float from "../semantics/functions.ts";
import * as int from "../semantics/integers.ts";
import { floatPairType, floatType, pairType, withNumberType } from "../semantics/result-types.ts";
import { scalarTensor } from "../semantics/scalar.ts";

const traits = { elementwise: true } as const;
const rounding = attr.optional(attr.oneOf("trunc", "floor"));
type Rounding = "trunc" | "floor" | undefined;

const notBool = (type: TensorType, what: string): TensorType =>
  type.dtype === "bool" ? invalid(`bools have no ${what}`) : type;
const rounder = (type: TensorType): ((x: number) => number) =>
  type.dtype === "f64" ? (x) => x : (roundTo(type.dtype) ?? Math.fround);

/** Quotient in the result's dtype; integers are rounded as asked and never become floats here. */
function quotient(type: TensorType, a: TensorData, b: TensorData, mode: Rounding): TensorData {
  const round = rounder(type);
  if (mode === "floor") return arithmetic(type, [a, b], (x, y) => float.floorQuotient(x, y, round), int.floorQuotient);
  if (mode === "trunc") return arithmetic(type, [a, b], (x, y) => Math.trunc(round(x / y)), int.truncatedQuotient);
  return arithmetic(type, [a, b], (x, y) => x / y);
}
const quotientType = (self: TensorType, other: TensorType, mode: Rounding): TensorType =>
  mode === undefined ? floatPairType({ self, other }) : notBool(pairType({ self, other }), "rounded quotient");
const numberQuotientType = (self: TensorType, other: Scalar, mode: Rounding): TensorType =>
  mode === undefined
    ? floatType({ self: withNumberType(self, other) })
    : notBool(withNumberType(self, other), "rounded quotient");

export const divTensor = defineAten("div.Tensor(Tensor self, Tensor other) -> Tensor", {
  summary: "True quotient; integers become floats.",
  traits,
  infer: floatPairType,
  evaluate: ({ self, other }, _, [type]) => quotient(type!, self, other, undefined),
});
export const divScalar = defineAten("div.Scalar(Tensor self, Scalar other) -> Tensor", {
  summary: "True quotient by a number; integers become floats.",
  attrs: { other: sizeAttr.required },
  traits,
  infer: ({ self }, { other }) => floatType({ self: withNumberType(self, other) }),
  evaluate: ({ self }, { other }, [type]) => quotient(type!, self, scalarTensor(other, type!.dtype), undefined),
});
export const divTensorMode = defineAten("div.Tensor_mode(Tensor self, Tensor other, *, str? rounding_mode) -> Tensor", {
  summary: "Quotient, rounded towards zero or minus infinity when asked.",
  attrs: { rounding_mode: rounding },
  traits,
  infer: ({ self, other }, { rounding_mode }) => quotientType(self, other, rounding_mode),
  evaluate: ({ self, other }, { rounding_mode }, [type]) => quotient(type!, self, other, rounding_mode),
});
export const divScalarMode = defineAten("div.Scalar_mode(Tensor self, Scalar other, *, str? rounding_mode) -> Tensor", {
  summary: "Quotient by a number, rounded towards zero or minus infinity when asked.",
  attrs: { rounding_mode: rounding },
  traits,
  infer: ({ self }, { other, rounding_mode }) => numberQuotientType(self, other, rounding_mode),
  evaluate: ({ self }, { other, rounding_mode }, [type]) =>
    quotient(type!, self, scalarTensor(other, type!.dtype), rounding_mode),
});
export const floorDivide = defineAten("floor_divide(Tensor self, Tensor other) -> Tensor", {
  summary: "Quotient rounded towards minus infinity.",
  traits,
  infer: ({ self, other }) => quotientType(self, other, "floor"),
  evaluate: ({ self, other }, _, [type]) => quotient(type!, self, other, "floor"),
});
export const floorDivideScalar = defineAten("floor_divide.Scalar(Tensor self, Scalar other) -> Tensor", {
  summary: "Quotient by a number, rounded towards minus infinity.",
  attrs: { other: attr.scalar },
  traits,
  infer: ({ self }, { other }) => numberQuotientType(self, other, "floor"),
  evaluate: ({ self }, { other }, [type]) => quotient(type!, self, scalarTensor(other, type!.dtype), "floor"),
});

const remainderOf = (type: TensorType, a: TensorData, b: TensorData): TensorData =>
  arithmetic(type, [a, b], float.floorRemainder, int.floorRemainder);
const truncatedRemainderOf = (type: TensorType, a: TensorData, b: TensorData): TensorData =>
  arithmetic(type, [a, b], (x, y) => x % y, int.truncatedRemainder);
const remainderType = (self: TensorType, other: TensorType): TensorType =>
  notBool(pairType({ self, other }), "remainder");

export const remainderTensor = defineAten("remainder.Tensor(Tensor self, Tensor other) -> Tensor", {
  summary: "Remainder with the sign of the divisor, as Python's `%`.",
  traits,
  infer: ({ self, other }) => remainderType(self, other),
  evaluate: ({ self, other }, _, [type]) => remainderOf(type!, self, other),
});
export const remainderScalar = defineAten("remainder.Scalar(Tensor self, Scalar other) -> Tensor", {
  summary: "Remainder with the sign of the divisor, a number.",
  attrs: { other: sizeAttr.required },
  traits,
  infer: ({ self }, { other }) => notBool(withNumberType(self, other), "remainder"),
  evaluate: ({ self }, { other }, [type]) => remainderOf(type!, self, scalarTensor(other, type!.dtype)),
});
export const remainderScalarTensor = defineAten("remainder.Scalar_Tensor(Scalar self, Tensor other) -> Tensor", {
  summary: "Remainder of a number with the sign of the divisor.",
  traits,
  infer: ({ other }, { self }) => notBool(withNumberType(other, self), "remainder"),
  evaluate: ({ other }, { self }, [type]) => remainderOf(type!, scalarTensor(self, type!.dtype), other),
});
export const fmodTensor = defineAten("fmod.Tensor(Tensor self, Tensor other) -> Tensor", {
  summary: "Remainder with the sign of the dividend, as C's `fmod`.",
  traits,
  infer: ({ self, other }) => remainderType(self, other),
  evaluate: ({ self, other }, _, [type]) => truncatedRemainderOf(type!, self, other),
});
export const fmodScalar = defineAten("fmod.Scalar(Tensor self, Scalar other) -> Tensor", {
  summary: "Remainder by a number with the sign of the dividend.",
  traits,
  infer: ({ self }, { other }) => notBool(withNumberType(self, other), "remainder"),
  evaluate: ({ self }, { other }, [type]) => truncatedRemainderOf(type!, self, scalarTensor(other, type!.dtype)),
});
