import {
  broadcastShapes,
  invalid,
  type Scalar,
  showType,
  type TensorData,
  type TensorType,
  tensor,
} from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { arithmetic } from "../semantics/binary.ts";
import { power as powerOfFloats } from "../semantics/functions.ts";
import { power as powerOfIntegers } from "../semantics/integers.ts";
import { pairType, withNumberType } from "../semantics/result-types.ts";
import { scalarTensor } from "../semantics/scalar.ts";

const traits = { elementwise: true } as const;
const notBool = (type: TensorType): TensorType => (type.dtype === "bool" ? invalid("bools have no powers") : type);
const powers = (type: TensorType, base: TensorData, exponent: TensorData): TensorData =>
  arithmetic(type, [base, exponent], powerOfFloats, powerOfIntegers);

function powerType(self: TensorType, exponent: Scalar): TensorType {
  const type = notBool(withNumberType(self, exponent));
  return typeof exponent === "bigint" && exponent < 0n && !/^(f|bf|c)/.test(type.dtype)
    ? invalid(`integers have no integer power ${exponent}, got ${showType(self)}`)
    : type;
}

export const powTensorTensor = defineAten("pow.Tensor_Tensor(Tensor self, Tensor exponent) -> Tensor", {
  summary: "Power by element.",
  traits,
  infer: ({ self, exponent }) => notBool(pairType({ self, other: exponent })),
  evaluate: ({ self, exponent }, _, [type]) => powers(type!, self, exponent),
});
export const powTensorScalar = defineAten("pow.Tensor_Scalar(Tensor self, Scalar exponent) -> Tensor", {
  summary: "Each element to the power of a number.",
  traits,
  infer: ({ self }, { exponent }) => powerType(self, exponent),
  evaluate: ({ self }, { exponent }, [type]) => {
    // PyTorch takes roots as roots, which are NaN at minus infinity
    if (exponent === 0.5) return arithmetic(type!, [self], (x) => Math.sqrt(x!));
    if (exponent === -0.5) return arithmetic(type!, [self], (x) => 1 / Math.sqrt(x!));
    return powers(type!, self, scalarTensor(exponent, type!.dtype));
  },
});
export const powScalar = defineAten("pow.Scalar(Scalar self, Tensor exponent) -> Tensor", {
  summary: "A number to the power of each element.",
  traits,
  infer: ({ exponent }, { self }) => notBool(withNumberType(exponent, self)),
  evaluate: ({ exponent }, { self }, [type]) => powers(type!, scalarTensor(self, type!.dtype), exponent),
});

export const floatPowerTensorTensor = defineAten("float_power.Tensor_Tensor(Tensor self, Tensor exponent) -> Tensor", {
  summary: "Power by element, in double precision.",
  traits,
  infer: ({ self, exponent }) => tensor("f64", broadcastShapes(self.shape, exponent.shape)),
  evaluate: ({ self, exponent }, _, [type]) => powers(type!, self, exponent),
});
export const floatPowerTensorScalar = defineAten("float_power.Tensor_Scalar(Tensor self, Scalar exponent) -> Tensor", {
  summary: "Each element to the power of a number, in double precision.",
  traits,
  infer: ({ self }) => tensor("f64", self.shape),
  evaluate: ({ self }, { exponent }, [type]) => powers(type!, self, scalarTensor(exponent, "f64")),
});
export const floatPowerScalar = defineAten("float_power.Scalar(Scalar self, Tensor exponent) -> Tensor", {
  summary: "A number to the power of each element, in double precision.",
  traits,
  infer: ({ exponent }) => tensor("f64", exponent.shape),
  evaluate: ({ exponent }, { self }, [type]) => powers(type!, scalarTensor(self, "f64"), exponent),
});
