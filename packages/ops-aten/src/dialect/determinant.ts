import { type TensorData, type TensorType, tensor } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { determinant, logDeterminant } from "../semantics/linear-algebra.ts";
import { mapMatrices, squareFloatShape } from "../semantics/matrices.ts";

const type = (x: TensorType): TensorType => tensor(x.dtype, squareFloatShape(x).slice(0, -2));
const scalars = (x: TensorData, f: (m: Float64Array) => number): TensorData =>
  mapMatrices(tensor(x.type.dtype, x.type.shape.slice(0, -2)), [x], (m) => [f(m!)]);
const logOf = (x: TensorData): TensorData =>
  scalars(x, (m) => {
    const { sign, log } = logDeterminant(m);
    return sign < 0 ? NaN : log;
  });
const signAndLog = (x: TensorData): TensorData[] => [
  scalars(x, (m) => logDeterminant(m).sign),
  scalars(x, (m) => logDeterminant(m).log),
];

export const det = defineAten("det(Tensor self) -> Tensor", {
  summary: "Determinants of square matrices.",
  infer: ({ self }) => type(self),
  evaluate: ({ self }) => scalars(self, determinant),
});
export const linalgDet = defineAten("linalg_det(Tensor A) -> Tensor", {
  summary: "Determinants of square matrices.",
  infer: ({ A }) => type(A),
  evaluate: ({ A }) => scalars(A, determinant),
});
export const logdet = defineAten("logdet(Tensor self) -> Tensor", {
  summary: "Logarithms of determinants; NaN of negative ones.",
  infer: ({ self }) => type(self),
  evaluate: ({ self }) => logOf(self),
});
export const slogdet = defineAten("slogdet(Tensor self) -> (Tensor sign, Tensor logabsdet)", {
  summary: "Signs of determinants, and logarithms of their absolute values.",
  infer: ({ self }) => [type(self), type(self)],
  evaluate: ({ self }) => signAndLog(self),
});
export const linalgSlogdet = defineAten("linalg_slogdet(Tensor A) -> (Tensor sign, Tensor logabsdet)", {
  summary: "Signs of determinants, and logarithms of their absolute values.",
  infer: ({ A }) => [type(A), type(A)],
  evaluate: ({ A }) => signAndLog(A),
});
