import { broadcastShapes, type DType, invalid, isFloat, type TensorData, type TensorType, tensor } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { castData, mapNumbers } from "../semantics/pointwise.ts";
import { resultDType } from "../semantics/promote.ts";
import { reduceAxes, reducedShape, reduceNumbers, restAxes } from "../semantics/reduce.ts";
import { orderOf, vectorNorm } from "../semantics/vector-norm.ts";

/** Type of a norm over axes. Orders without a neutral element have no value for no elements. */
function normType(
  self: TensorType,
  p: number,
  dim: readonly number[] | undefined,
  keepdim: boolean,
  dtype: DType | undefined,
): TensorType {
  for (const d of [self.dtype, dtype ?? self.dtype])
    if (!isFloat(d)) invalid(`needs a floating-point tensor, got ${d}`);
  const axes = reduceAxes(dim, self.shape.length);
  if ((p < 0 || p === Infinity) && axes.some((a) => self.shape[a] === 0))
    invalid(`the ${p} norm of no elements is not defined`);
  return tensor(dtype ?? self.dtype, reducedShape(self.shape, axes, keepdim));
}
const normData = (self: TensorData, p: number, dim: readonly number[] | undefined, type: TensorType): TensorData =>
  reduceNumbers(type, castData(self, type.dtype), reduceAxes(dim, self.type.shape.length), (line) =>
    vectorNorm(line, p),
  );

export const linalgVectorNorm = defineAten(
  "linalg_vector_norm(Tensor self, Scalar ord=2, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor",
  {
    summary: "Vector norm over axes.",
    infer: ({ self }, { ord, dim, keepdim, dtype }) => normType(self, orderOf(ord), dim, keepdim, dtype),
    evaluate: ({ self }, { ord, dim }, [type]) => normData(self, orderOf(ord), dim, type!),
  },
);
export const normScalar = defineAten("norm.Scalar(Tensor self, Scalar p=2) -> Tensor", {
  summary: "Vector norm of all elements.",
  infer: ({ self }, { p }) => normType(self, orderOf(p), undefined, false, undefined),
  evaluate: ({ self }, { p }, [type]) => normData(self, orderOf(p), undefined, type!),
});
export const normScalarOptDim = defineAten(
  "norm.ScalarOpt_dim(Tensor self, Scalar? p, int[1] dim, bool keepdim=False) -> Tensor",
  {
    summary: "Vector norm over axes.",
    infer: ({ self }, { p, dim, keepdim }) => normType(self, orderOf(p), dim, keepdim, undefined),
    evaluate: ({ self }, { p, dim }, [type]) => normData(self, orderOf(p), dim, type!),
  },
);
export const normScalarOptDimDtype = defineAten(
  "norm.ScalarOpt_dim_dtype(Tensor self, Scalar? p, int[1] dim, bool keepdim, *, ScalarType dtype) -> Tensor",
  {
    summary: "Vector norm over axes, computed in another dtype.",
    infer: ({ self }, { p, dim, keepdim, dtype }) => normType(self, orderOf(p), dim, keepdim, dtype),
    evaluate: ({ self }, { p, dim }, [type]) => normData(self, orderOf(p), dim, type!),
  },
);
export const normScalarOptDtype = defineAten(
  "norm.ScalarOpt_dtype(Tensor self, Scalar? p, *, ScalarType dtype) -> Tensor",
  {
    summary: "Vector norm of all elements, computed in another dtype.",
    infer: ({ self }, { p, dtype }) => normType(self, orderOf(p), undefined, false, dtype),
    evaluate: ({ self }, { p }, [type]) => normData(self, orderOf(p), undefined, type!),
  },
);

export const dist = defineAten("dist(Tensor self, Tensor other, Scalar p=2) -> Tensor", {
  summary: "Vector norm of the difference of two tensors that broadcast.",
  infer: ({ self, other }, { p }) =>
    normType(
      tensor(resultDType(self, other), broadcastShapes(self.shape, other.shape)),
      orderOf(p),
      undefined,
      false,
      undefined,
    ),
  evaluate({ self, other }, { p }, [type]) {
    const difference = mapNumbers(
      { ...type!, shape: broadcastShapes(self.type.shape, other.type.shape) },
      [self, other],
      (a, b) => a! - b!,
    );
    return normData(difference, orderOf(p), undefined, type!);
  },
});

export const renorm = defineAten("renorm(Tensor self, Scalar p, int dim, Scalar maxnorm) -> Tensor", {
  summary: "Scales the slices along an axis whose norm exceeds `maxnorm` down to it.",
  infer({ self }, { p, dim }) {
    if (self.shape.length < 2) invalid(`needs at least 2 axes, got ${self.shape.length}`);
    if (orderOf(p) <= 0) invalid(`needs a positive order of the norm, got ${orderOf(p)}`);
    normType(self, orderOf(p), restAxes(dim, self.shape.length), true, undefined);
    return self;
  },
  evaluate({ self }, { p, dim, maxnorm }, [type]) {
    const axes = restAxes(dim, self.type.shape.length);
    const norms = reduceNumbers(
      { ...type!, dtype: "f32", shape: reducedShape(self.type.shape, axes, true) },
      self,
      axes,
      (line) => vectorNorm(line, orderOf(p)),
    );
    const limit = Number(maxnorm);
    return mapNumbers(self.type, [self, norms], (v, n) => (n! > limit ? v! * (limit / (n! + 1e-7)) : v!));
  },
});
