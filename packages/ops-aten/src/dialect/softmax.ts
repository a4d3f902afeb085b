import { type DType, invalid, isFloat, type TensorData, type TensorType, withDType } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { axisOf } from "../semantics/axes.ts";
import { castData } from "../semantics/pointwise.ts";
import { scanLines } from "../semantics/scan.ts";
import { exponentials, logExponentials } from "../semantics/softmax.ts";

/** `dtype` is what the input is converted to first; without it the input must be a float. */
function outType(self: TensorType, dim: number, dtype: DType | undefined): TensorType {
  axisOf(dim, self.shape.length);
  const d = dtype ?? self.dtype;
  if (!isFloat(d)) invalid(`needs a floating-point dtype, got ${d}: pass dtype=torch.float32`);
  return withDType(self, d);
}
/** The dtype that the `half_to_float` forms compute and answer in. */
const widened = (self: TensorType, halfToFloat: boolean): DType => (halfToFloat ? "f32" : self.dtype);

const softmaxData = (self: TensorData, dim: number, type: TensorType): TensorData =>
  scanLines(type, castData(self, type.dtype), dim, exponentials);
const logSoftmaxData = (self: TensorData, dim: number, type: TensorType): TensorData =>
  scanLines(type, castData(self, type.dtype), dim, logExponentials);

export const softmaxInt = defineAten("softmax.int(Tensor self, int dim, ScalarType? dtype=None) -> Tensor", {
  summary: "Exponentials over their sum along an axis.",
  infer: ({ self }, { dim, dtype }) => outType(self, dim, dtype),
  evaluate: ({ self }, { dim }, [type]) => softmaxData(self, dim, type!),
});
export const softmax = defineAten("_softmax(Tensor self, int dim, bool half_to_float) -> Tensor", {
  summary: "Exponentials over their sum along an axis.",
  infer: ({ self }, { dim, half_to_float }) => outType(self, dim, widened(self, half_to_float)),
  evaluate: ({ self }, { dim }, [type]) => softmaxData(self, dim, type!),
});
export const specialSoftmax = defineAten("special_softmax(Tensor self, int dim, ScalarType? dtype=None) -> Tensor", {
  summary: "Another name of `softmax`.",
  infer: ({ self }, { dim, dtype }) => outType(self, dim, dtype),
  evaluate: ({ self }, { dim }, [type]) => softmaxData(self, dim, type!),
});
export const logSoftmaxInt = defineAten("log_softmax.int(Tensor self, int dim, ScalarType? dtype=None) -> Tensor", {
  summary: "Logarithm of the softmax, without underflow.",
  infer: ({ self }, { dim, dtype }) => outType(self, dim, dtype),
  evaluate: ({ self }, { dim }, [type]) => logSoftmaxData(self, dim, type!),
});
export const logSoftmax = defineAten("_log_softmax(Tensor self, int dim, bool half_to_float) -> Tensor", {
  summary: "Logarithm of the softmax, without underflow.",
  infer: ({ self }, { dim, half_to_float }) => outType(self, dim, widened(self, half_to_float)),
  evaluate: ({ self }, { dim }, [type]) => logSoftmaxData(self, dim, type!),
});
export const specialLogSoftmax = defineAten(
  "special_log_softmax(Tensor self, int dim, *, ScalarType? dtype=None) -> Tensor",
  {
    summary: "Another name of `log_softmax`.",
    infer: ({ self }, { dim, dtype }) => outType(self, dim, dtype),
    evaluate: ({ self }, { dim }, [type]) => logSoftmaxData(self, dim, type!),
  },
);
export const safeSoftmax = defineAten("_safe_softmax(Tensor self, int dim, ScalarType? dtype=None) -> Tensor", {
  summary: "Softmax that gives zeros for a line of minus infinities.",
  infer: ({ self }, { dim, dtype }) => outType(self, dim, dtype),
  evaluate: ({ self }, { dim }, [type]) =>
    scanLines(type!, castData(self, type!.dtype), dim, (line) =>
      line.every((v) => v === -Infinity) ? line.fill(0) : exponentials(line),
    ),
});
