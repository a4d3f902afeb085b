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
import { castData, pickElements } from "../semantics/pointwise.ts";
import { resultDType } from "../semantics/promote.ts";
import { scalarTensor } from "../semantics/scalar.ts";
import { nonzeroNumpy } from "./masked.ts";

const traits = { elementwise: true } as const;
const choose = (type: TensorType, condition: TensorData, a: TensorData, b: TensorData): TensorData =>
  pickElements(type, condition, [castData(a, type.dtype), castData(b, type.dtype)]);
const number = (type: TensorType, s: Scalar): TensorData => scalarTensor(s, type.dtype);
const mask = (t: TensorType): TensorType =>
  t.dtype === "bool" || t.dtype === "u8" ? t : invalid(`takes a bool condition, got ${showType(t)}`);

export const whereSelf = defineAten("where.self(Tensor condition, Tensor self, Tensor other) -> Tensor", {
  summary: "`self` where the condition holds, `other` elsewhere.",
  traits,
  infer: ({ condition, self, other }) =>
    tensor(resultDType(self, other), broadcastShapes(mask(condition).shape, self.shape, other.shape)),
  evaluate: ({ condition, self, other }, _, [type]) => choose(type!, condition, self, other),
});
export const whereScalarOther = defineAten("where.ScalarOther(Tensor condition, Tensor self, Scalar other) -> Tensor", {
  summary: "`self` where the condition holds, a number elsewhere.",
  traits,
  infer: ({ condition, self }, { other }) =>
    tensor(resultDType(self, { scalar: other }), broadcastShapes(mask(condition).shape, self.shape)),
  evaluate: ({ condition, self }, { other }, [type]) => choose(type!, condition, self, number(type!, other)),
});
export const whereScalarSelf = defineAten("where.ScalarSelf(Tensor condition, Scalar self, Tensor other) -> Tensor", {
  summary: "A number where the condition holds, `other` elsewhere.",
  traits,
  infer: ({ condition, other }, { self }) =>
    tensor(resultDType(other, { scalar: self }), broadcastShapes(mask(condition).shape, other.shape)),
  evaluate: ({ condition, other }, { self }, [type]) => choose(type!, condition, number(type!, self), other),
});
export const whereScalar = defineAten("where.Scalar(Tensor condition, Scalar self, Scalar other) -> Tensor", {
  summary: "One number where the condition holds, another elsewhere.",
  traits,
  infer: ({ condition }, { self, other }) =>
    tensor(resultDType({ scalar: self }, { scalar: other }), mask(condition).shape),
  evaluate: ({ condition }, { self, other }, [type]) =>
    choose(type!, condition, number(type!, self), number(type!, other)),
});

export const maskedFillScalar = defineAten("masked_fill.Scalar(Tensor self, Tensor mask, Scalar value) -> Tensor", {
  summary: "`self` with a number where the mask holds; the dtype stays.",
  traits,
  infer: (types) => tensor(types.self.dtype, broadcastShapes(types.self.shape, mask(types.mask).shape)),
  evaluate: ({ self, mask }, { value }, [type]) => choose(type!, mask, number(type!, value), self),
});
export const maskedFillTensor = defineAten("masked_fill.Tensor(Tensor self, Tensor mask, Tensor value) -> Tensor", {
  summary: "`self` with the only element of `value` where the mask holds; the dtype stays.",
  traits,
  infer: (types) => {
    if (types.value.shape.length > 0) invalid(`takes a value of rank 0, got ${showType(types.value)}`);
    return tensor(types.self.dtype, broadcastShapes(types.self.shape, mask(types.mask).shape));
  },
  evaluate: ({ self, mask, value }, _, [type]) => choose(type!, mask, value, self),
});

export const whereOp = defineAten("where(Tensor condition) -> Tensor[]", {
  summary: "Coordinates of the elements that are not zero, one list for each axis.",
  infer: ({ condition }) => nonzeroNumpy.infer!({ self: condition }, {}),
  evaluate: ({ condition }, _, types) => nonzeroNumpy.evaluate!({ self: condition }, {}, types),
});
