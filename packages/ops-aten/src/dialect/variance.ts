import { invalid, isFloat, type TensorData, type TensorType, tensor } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { reduceAxes, reducedShape, reduceNumbers, sumOf } from "../semantics/reduce.ts";
import { correctionOf, varianceOf } from "../semantics/variance.ts";

const unbiasedCorrection = (unbiased: boolean): number => (unbiased ? 1 : 0);

function varType(self: TensorType, dim: readonly number[] | undefined, keepdim: boolean): TensorType {
  if (!isFloat(self.dtype)) invalid(`needs a floating-point tensor, got ${self.dtype}`);
  return tensor(self.dtype, reducedShape(self.shape, reduceAxes(dim, self.shape.length), keepdim));
}
const meanOf = (line: ArrayLike<number>): number => sumOf(line) / line.length;
const axesIn = (self: TensorData, dim: readonly number[] | undefined): number[] =>
  reduceAxes(dim, self.type.shape.length);
const varData = (self: TensorData, dim: readonly number[] | undefined, c: number, type: TensorType): TensorData =>
  reduceNumbers(type, self, axesIn(self, dim), (line) => varianceOf(line, c));
const stdData = (self: TensorData, dim: readonly number[] | undefined, c: number, type: TensorType): TensorData =>
  reduceNumbers(type, self, axesIn(self, dim), (line) => Math.sqrt(varianceOf(line, c)));
const meanData = (self: TensorData, dim: readonly number[] | undefined, type: TensorType): TensorData =>
  reduceNumbers(type, self, axesIn(self, dim), meanOf);

const all = "Tensor self, bool unbiased=True";
const over = "Tensor self, int[1]? dim, bool unbiased=True, bool keepdim=False";
const corrected = "Tensor self, int[1]? dim=None, *, Scalar? correction=None, bool keepdim=False";

export const varOp = defineAten(`var(${all}) -> Tensor`, {
  summary: "Variance of all elements.",
  infer: ({ self }) => varType(self, undefined, false),
  evaluate: ({ self }, { unbiased }, [type]) => varData(self, undefined, unbiasedCorrection(unbiased), type!),
});
export const varDim = defineAten(`var.dim(${over}) -> Tensor`, {
  summary: "Variance over axes.",
  infer: ({ self }, { dim, keepdim }) => varType(self, dim, keepdim),
  evaluate: ({ self }, { dim, unbiased }, [type]) => varData(self, dim, unbiasedCorrection(unbiased), type!),
});
export const varCorrection = defineAten(`var.correction(${corrected}) -> Tensor`, {
  summary: "Variance over axes: the sum of squared deviations over the count less `correction`.",
  infer: ({ self }, { dim, keepdim }) => varType(self, dim, keepdim),
  evaluate: ({ self }, { dim, correction }, [type]) => varData(self, dim, correctionOf(correction), type!),
});
export const std = defineAten(`std(${all}) -> Tensor`, {
  summary: "Standard deviation of all elements.",
  infer: ({ self }) => varType(self, undefined, false),
  evaluate: ({ self }, { unbiased }, [type]) => stdData(self, undefined, unbiasedCorrection(unbiased), type!),
});
export const stdDim = defineAten(`std.dim(${over}) -> Tensor`, {
  summary: "Standard deviation over axes.",
  infer: ({ self }, { dim, keepdim }) => varType(self, dim, keepdim),
  evaluate: ({ self }, { dim, unbiased }, [type]) => stdData(self, dim, unbiasedCorrection(unbiased), type!),
});
export const stdCorrection = defineAten(`std.correction(${corrected}) -> Tensor`, {
  summary: "Standard deviation over axes: the root of `var.correction`.",
  infer: ({ self }, { dim, keepdim }) => varType(self, dim, keepdim),
  evaluate: ({ self }, { dim, correction }, [type]) => stdData(self, dim, correctionOf(correction), type!),
});

export const varMean = defineAten(`var_mean(${all}) -> (Tensor, Tensor)`, {
  summary: "Variance and mean of all elements.",
  infer: ({ self }) => [varType(self, undefined, false), varType(self, undefined, false)],
  evaluate: ({ self }, { unbiased }, [v, m]) => [
    varData(self, undefined, unbiasedCorrection(unbiased), v!),
    meanData(self, undefined, m!),
  ],
});
export const varMeanDim = defineAten(`var_mean.dim(${over}) -> (Tensor, Tensor)`, {
  summary: "Variance and mean over axes.",
  infer: ({ self }, { dim, keepdim }) => [varType(self, dim, keepdim), varType(self, dim, keepdim)],
  evaluate: ({ self }, { dim, unbiased }, [v, m]) => [
    varData(self, dim, unbiasedCorrection(unbiased), v!),
    meanData(self, dim, m!),
  ],
});
export const varMeanCorrection = defineAten(`var_mean.correction(${corrected}) -> (Tensor, Tensor)`, {
  summary: "Variance and mean over axes.",
  infer: ({ self }, { dim, keepdim }) => [varType(self, dim, keepdim), varType(self, dim, keepdim)],
  evaluate: ({ self }, { dim, correction }, [v, m]) => [
    varData(self, dim, correctionOf(correction), v!),
    meanData(self, dim, m!),
  ],
});
export const stdMean = defineAten(`std_mean(${all}) -> (Tensor, Tensor)`, {
  summary: "Standard deviation and mean of all elements.",
  infer: ({ self }) => [varType(self, undefined, false), varType(self, undefined, false)],
  evaluate: ({ self }, { unbiased }, [s, m]) => [
    stdData(self, undefined, unbiasedCorrection(unbiased), s!),
    meanData(self, undefined, m!),
  ],
});
export const stdMeanDim = defineAten(`std_mean.dim(${over}) -> (Tensor, Tensor)`, {
  summary: "Standard deviation and mean over axes.",
  infer: ({ self }, { dim, keepdim }) => [varType(self, dim, keepdim), varType(self, dim, keepdim)],
  evaluate: ({ self }, { dim, unbiased }, [s, m]) => [
    stdData(self, dim, unbiasedCorrection(unbiased), s!),
    meanData(self, dim, m!),
  ],
});
export const stdMeanCorrection = defineAten(`std_mean.correction(${corrected}) -> (Tensor, Tensor)`, {
  summary: "Standard deviation and mean over axes.",
  infer: ({ self }, { dim, keepdim }) => [varType(self, dim, keepdim), varType(self, dim, keepdim)],
  evaluate: ({ self }, { dim, correction }, [s, m]) => [
    stdData(self, dim, correctionOf(correction), s!),
    meanData(self, dim, m!),
  ],
});
