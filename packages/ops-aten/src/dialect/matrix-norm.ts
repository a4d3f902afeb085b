import { type DType, invalid, isFloat, type TensorData, type TensorType, tensor } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { type MatrixOrder, matrixAxes, matrixNormData, matrixOrderOf, plainNorm } from "../semantics/matrix-norm.ts";
import { castData } from "../semantics/pointwise.ts";
import { reduceAxes, reducedShape, reduceNumbers } from "../semantics/reduce.ts";
import { vectorNorm } from "../semantics/vector-norm.ts";

function wantFloat(self: TensorType, dtype: DType = self.dtype): void {
  for (const d of [self.dtype, dtype]) if (!isFloat(d)) invalid(`needs a floating-point tensor, got ${d}`);
}
function matrixType(self: TensorType, dim: readonly number[], keepdim: boolean, dtype: DType | undefined): TensorType {
  wantFloat(self, dtype);
  return tensor(dtype ?? self.dtype, reducedShape(self.shape, matrixAxes(dim, self.shape.length), keepdim));
}
const matrixData = (self: TensorData, ord: MatrixOrder, dim: readonly number[], type: TensorType): TensorData =>
  matrixNormData(castData(self, "f64"), ord, matrixAxes(dim, self.type.shape.length), type);

export const linalgMatrixNorm = defineAten(
  "linalg_matrix_norm(Tensor self, Scalar ord, int[] dim=[-2, -1], bool keepdim=False, *, ScalarType? dtype=None) -> Tensor",
  {
    summary: "Norm of matrices: 1 and infinity by sums of columns and rows, 2 by singular values.",
    infer: ({ self }, { dim, keepdim, dtype }) => matrixType(self, dim, keepdim, dtype),
    evaluate: ({ self }, { ord, dim }, [type]) => matrixData(self, matrixOrderOf(ord), dim, type!),
  },
);
export const linalgMatrixNormStrOrd = defineAten(
  'linalg_matrix_norm.str_ord(Tensor self, str ord="fro", int[] dim=[-2, -1], bool keepdim=False, *, ScalarType? dtype=None) -> Tensor',
  {
    summary: "Norm of matrices by name.",
    infer: ({ self }, { dim, keepdim, dtype }) => matrixType(self, dim, keepdim, dtype),
    evaluate: ({ self }, { ord, dim }, [type]) => matrixData(self, matrixOrderOf(ord), dim, type!),
  },
);

interface NormAttrs {
  readonly dim: readonly number[] | undefined;
  readonly keepdim: boolean;
  readonly dtype: DType | undefined;
}
/** `linalg_norm` is a vector norm or a matrix norm, as its arguments have it. */
function normType(self: TensorType, ord: MatrixOrder | undefined, { dim, keepdim, dtype }: NormAttrs): TensorType {
  wantFloat(self, dtype);
  const { axes } = plainNorm(self.shape.length, ord, dim);
  return tensor(dtype ?? self.dtype, reducedShape(self.shape, axes, keepdim));
}
function normData(self: TensorData, ord: MatrixOrder | undefined, { dim }: NormAttrs, type: TensorType): TensorData {
  const norm = plainNorm(self.type.shape.length, ord, dim);
  const x = castData(self, "f64");
  return norm.matrix
    ? matrixNormData(x, norm.order, norm.axes as [number, number], type)
    : reduceNumbers(type, x, norm.axes, (line) => vectorNorm(line, norm.order as number));
}
export const linalgNorm = defineAten(
  "linalg_norm(Tensor self, Scalar? ord=None, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor",
  {
    summary: "Norm of vectors or of matrices.",
    infer: ({ self }, a) => normType(self, a.ord === undefined ? undefined : matrixOrderOf(a.ord), a),
    evaluate: ({ self }, a, [type]) => normData(self, a.ord === undefined ? undefined : matrixOrderOf(a.ord), a, type!),
  },
);
export const linalgNormOrdStr = defineAten(
  "linalg_norm.ord_str(Tensor self, str ord, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor",
  {
    summary: "Norm of matrices by name.",
    infer: ({ self }, a) => normType(self, matrixOrderOf(a.ord), a),
    evaluate: ({ self }, a, [type]) => normData(self, matrixOrderOf(a.ord), a, type!),
  },
);
export const frobeniusNormDim = defineAten(
  "frobenius_norm.dim(Tensor self, int[1] dim, bool keepdim=False) -> Tensor",
  {
    summary: "Root of the sum of squares over axes.",
    infer({ self }, { dim, keepdim }) {
      wantFloat(self);
      return tensor(self.dtype, reducedShape(self.shape, reduceAxes(dim, self.shape.length), keepdim));
    },
    evaluate: ({ self }, { dim }, [type]) =>
      reduceNumbers(type!, self, reduceAxes(dim, self.type.shape.length), (line) => vectorNorm(line, 2)),
  },
);
export const nuclearNorm = defineAten("nuclear_norm(Tensor self, bool keepdim=False) -> Tensor", {
  summary: "Sum of the singular values of a matrix.",
  infer: ({ self }, { keepdim }) => matrixType(self, [0, 1], keepdim, undefined),
  evaluate: ({ self }, _, [type]) => matrixData(self, "nuc", [0, 1], type!),
});
export const nuclearNormDim = defineAten("nuclear_norm.dim(Tensor self, int[2] dim, bool keepdim=False) -> Tensor", {
  summary: "Sum of the singular values of matrices.",
  infer: ({ self }, { dim, keepdim }) => matrixType(self, dim, keepdim, undefined),
  evaluate: ({ self }, { dim }, [type]) => matrixData(self, "nuc", dim, type!),
});
