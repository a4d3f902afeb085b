import { type DType, type TensorData, type TensorType, tensor } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { reduceAxes, reducedShape, reduceNumbers, truthAxes } from "../semantics/reduce.ts";

/** uint8 stood for bool before PyTorch had one, and these ops still answer it in kind. */
const truth = (d: DType): DType => (d === "u8" ? "u8" : "bool");
const reduced = (self: TensorType, axes: readonly number[], keepdim: boolean): TensorType =>
  tensor(truth(self.dtype), reducedShape(self.shape, axes, keepdim));
// NaN is not zero, hence true
const anyData = (self: TensorData, axes: readonly number[], type: TensorType): TensorData =>
  reduceNumbers(type, self, axes, (line) => (Array.from(line).some((v) => v !== 0) ? 1 : 0));
const allData = (self: TensorData, axes: readonly number[], type: TensorType): TensorData =>
  reduceNumbers(type, self, axes, (line) => (Array.from(line).every((v) => v !== 0) ? 1 : 0));

export const any = defineAten("any(Tensor self) -> Tensor", {
  summary: "Whether any element is not zero.",
  infer: ({ self }) => reduced(self, reduceAxes(undefined, self.shape.length), false),
  evaluate: ({ self }, _, [type]) => anyData(self, reduceAxes(undefined, self.type.shape.length), type!),
});
export const anyDim = defineAten("any.dim(Tensor self, int dim, bool keepdim=False) -> Tensor", {
  summary: "Whether any element along an axis is not zero.",
  infer: ({ self }, { dim, keepdim }) => reduced(self, reduceAxes(dim, self.shape.length), keepdim),
  evaluate: ({ self }, { dim }, [type]) => anyData(self, reduceAxes(dim, self.type.shape.length), type!),
});
export const anyDims = defineAten("any.dims(Tensor self, int[]? dim=None, bool keepdim=False) -> Tensor", {
  summary: "Whether any element over axes is not zero.",
  infer: ({ self }, { dim, keepdim }) => reduced(self, truthAxes(dim, self.shape.length), keepdim),
  evaluate: ({ self }, { dim }, [type]) => anyData(self, truthAxes(dim, self.type.shape.length), type!),
});
export const all = defineAten("all(Tensor self) -> Tensor", {
  summary: "Whether no element is zero.",
  infer: ({ self }) => reduced(self, reduceAxes(undefined, self.shape.length), false),
  evaluate: ({ self }, _, [type]) => allData(self, reduceAxes(undefined, self.type.shape.length), type!),
});
export const allDim = defineAten("all.dim(Tensor self, int dim, bool keepdim=False) -> Tensor", {
  summary: "Whether no element along an axis is zero.",
  infer: ({ self }, { dim, keepdim }) => reduced(self, reduceAxes(dim, self.shape.length), keepdim),
  evaluate: ({ self }, { dim }, [type]) => allData(self, reduceAxes(dim, self.type.shape.length), type!),
});
export const allDims = defineAten("all.dims(Tensor self, int[]? dim=None, bool keepdim=False) -> Tensor", {
  summary: "Whether no element over axes is zero.",
  infer: ({ self }, { dim, keepdim }) => reduced(self, truthAxes(dim, self.shape.length), keepdim),
  evaluate: ({ self }, { dim }, [type]) => allData(self, truthAxes(dim, self.type.shape.length), type!),
});
