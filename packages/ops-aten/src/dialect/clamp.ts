import {
  broadcastShapes,
  type DType,
  invalid,
  isFloat,
  type Scalar,
  type TensorData,
  type TensorType,
  tensor,
} from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { arithmetic } from "../semantics/binary.ts";
import * as float from "../semantics/functions.ts";
import * as int from "../semantics/integers.ts";
import { castData } from "../semantics/pointwise.ts";
import { resultDType } from "../semantics/promote.ts";
import { scalarTensor } from "../semantics/scalar.ts";

const traits = { elementwise: true } as const;

/** First the lower bound, then the upper one, which wins where they cross; NaN stays NaN. */
function bounded(
  type: TensorType,
  self: TensorData,
  min: TensorData | undefined,
  max: TensorData | undefined,
): TensorData {
  const x = castData(self, type.dtype);
  const low = min ? arithmetic(type, [x, min], float.larger, int.larger) : x;
  return max ? arithmetic(type, [low, max], float.smaller, int.smaller) : low;
}
const boundsType = (self: TensorType, min: Scalar | undefined, max: Scalar | undefined): TensorType =>
  min === undefined && max === undefined
    ? invalid("needs a lower or an upper bound")
    : tensor(
        resultDType(self, ...[min, max].map((scalar) => (scalar === undefined ? undefined : { scalar }))),
        self.shape,
      );
const number = (s: Scalar | undefined, dtype: DType): TensorData | undefined =>
  s === undefined ? undefined : scalarTensor(s, dtype);

export const clamp = defineAten("clamp(Tensor self, Scalar? min=None, Scalar? max=None) -> Tensor", {
  summary: "Elements brought between two numbers; either may be left out.",
  traits,
  infer: ({ self }, { min, max }) => boundsType(self, min, max),
  evaluate: ({ self }, { min, max }, [type]) =>
    bounded(type!, self, number(min, type!.dtype), number(max, type!.dtype)),
});
export const clampTensor = defineAten("clamp.Tensor(Tensor self, Tensor? min=None, Tensor? max=None) -> Tensor", {
  summary: "Elements brought between bounds of their own; either may be left out.",
  traits,
  infer: ({ self, min, max }) =>
    tensor(resultDType(self, min, max), broadcastShapes(self.shape, min?.shape ?? [], max?.shape ?? [])),
  evaluate: ({ self, min, max }, _, [type]) => bounded(type!, self, min, max),
});
export const clampMin = defineAten("clamp_min(Tensor self, Scalar min) -> Tensor", {
  summary: "The larger of each element and a number.",
  traits,
  infer: ({ self }, { min }) => boundsType(self, min, undefined),
  evaluate: ({ self }, { min }, [type]) => bounded(type!, self, scalarTensor(min, type!.dtype), undefined),
});
export const clampMinTensor = defineAten("clamp_min.Tensor(Tensor self, Tensor min) -> Tensor", {
  summary: "The larger of each element and its bound.",
  traits,
  infer: ({ self, min }) => tensor(resultDType(self, min), broadcastShapes(self.shape, min.shape)),
  evaluate: ({ self, min }, _, [type]) => bounded(type!, self, min, undefined),
});
export const clampMax = defineAten("clamp_max(Tensor self, Scalar max) -> Tensor", {
  summary: "The smaller of each element and a number.",
  traits,
  infer: ({ self }, { max }) => boundsType(self, undefined, max),
  evaluate: ({ self }, { max }, [type]) => bounded(type!, self, undefined, scalarTensor(max, type!.dtype)),
});
export const clampMaxTensor = defineAten("clamp_max.Tensor(Tensor self, Tensor max) -> Tensor", {
  summary: "The smaller of each element and its bound.",
  traits,
  infer: ({ self, max }) => tensor(resultDType(self, max), broadcastShapes(self.shape, max.shape)),
  evaluate: ({ self, max }, _, [type]) => bounded(type!, self, undefined, max),
});

export const hardtanh = defineAten("hardtanh(Tensor self, Scalar min_val=-1, Scalar max_val=1) -> Tensor", {
  summary: "Elements brought between two numbers; the dtype stays.",
  traits,
  infer: ({ self }) =>
    self.dtype === "bool" || self.dtype === "u8"
      ? invalid(`is not made for ${self.dtype} elements`)
      : tensor(self.dtype, self.shape),
  evaluate: ({ self }, { min_val, max_val }, [type]) =>
    bounded(type!, self, scalarTensor(min_val, type!.dtype), scalarTensor(max_val, type!.dtype)),
});
export const relu6 = defineAten("relu6(Tensor self) -> Tensor", {
  summary: "`min(max(x, 0), 6)`; NaN stays NaN.",
  traits,
  infer: ({ self }) => (self.dtype === "bool" ? invalid("is not made for bools") : tensor(self.dtype, self.shape)),
  evaluate: ({ self }, _, [type]) => bounded(type!, self, scalarTensor(0n, type!.dtype), scalarTensor(6n, type!.dtype)),
});
export const relu = defineAten("relu(Tensor self) -> Tensor", {
  summary: "`max(x, 0)`; NaN stays NaN.",
  traits,
  infer: ({ self }) => (self.dtype === "bool" ? invalid("is not made for bools") : tensor(self.dtype, self.shape)),
  evaluate: ({ self }, _, [type]) =>
    arithmetic(
      type!,
      [self],
      (x) => Math.max(x!, 0),
      (x) => (x! < 0n ? 0n : x!),
    ),
});
export const threshold = defineAten("threshold(Tensor self, Scalar threshold, Scalar value) -> Tensor", {
  summary: "`x` above the threshold, `value` elsewhere; NaN stays NaN.",
  traits,
  infer: ({ self }) => (self.dtype === "bool" ? invalid("is not made for bools") : tensor(self.dtype, self.shape)),
  evaluate({ self }, { threshold: t, value }, [type]) {
    const { dtype } = type!;
    const numbers = [scalarTensor(t, dtype), scalarTensor(value, dtype)];
    return isFloat(dtype)
      ? arithmetic(type!, [self, ...numbers], (x, at, v) => (x! <= at! ? v! : x!))
      : arithmetic(
          type!,
          [self, ...numbers],
          () => Number.NaN,
          (x, at, v) => (x! <= at! ? v! : x!),
        );
  },
});
