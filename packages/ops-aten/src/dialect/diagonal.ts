import {
  addDim,
  allocate,
  countOf,
  type Dim,
  invalid,
  rowMajorStrides,
  sizeOf,
  staticShape,
  type TensorData,
  type TensorType,
  tensor,
  type Value,
  withShape,
  wrap,
} from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import type { WriteBack } from "../schema/traits.ts";
import { axisOf } from "../semantics/axes.ts";
import { diagonalOf } from "../semantics/diagonals.ts";
import { castData } from "../semantics/pointwise.ts";
import { resultDType } from "../semantics/promote.ts";
import { coordinatesOf, copyElement, positionOf, reshaped, strided } from "../semantics/views.ts";
import { diagonalScatter } from "./scatter-views.ts";

interface DiagonalAttrs {
  readonly offset: number;
  readonly dim1: number;
  readonly dim2: number;
}
const ofDiagonal = (self: TensorType, { offset, dim1, dim2 }: DiagonalAttrs): TensorType =>
  withShape(self, diagonalOf(self.shape, offset, dim1, dim2).shape);
function takenDiagonal(self: TensorData, { offset, dim1, dim2 }: DiagonalAttrs): TensorData {
  const d = diagonalOf(self.type.shape, offset, dim1, dim2);
  const s = rowMajorStrides(self.type.shape);
  return strided(
    self,
    staticShape(d.shape),
    [...d.rest.map((a) => s[a]!), s[d.axis1]! + s[d.axis2]!],
    d.length === 0 ? 0 : d.skip1 * s[d.axis1]! + d.skip2 * s[d.axis2]!,
  );
}
const taking = {
  infer: ({ self }: { readonly self: TensorType }, attrs: DiagonalAttrs) => ofDiagonal(self, attrs),
  evaluate: ({ self }: { readonly self: TensorData }, attrs: DiagonalAttrs) => takenDiagonal(self, attrs),
};
const writeBack = ({ base, attrs: { offset, dim1, dim2 }, written, emit }: WriteBack): Value =>
  emit(diagonalScatter, { self: base, src: written }, { offset, dim1, dim2 });
export const diagonal = defineAten("diagonal(Tensor(a) self, int offset=0, int dim1=0, int dim2=1) -> Tensor(a)", {
  summary: "A diagonal of two axes, as the last axis.",
  ...taking,
  traits: { writeBack },
});
export const diagonalCopy = defineAten("diagonal_copy(Tensor self, int offset=0, int dim1=0, int dim2=1) -> Tensor", {
  summary: "`diagonal` that copies.",
  ...taking,
});
export const linalgDiagonal = defineAten(
  "linalg_diagonal(Tensor(a) A, *, int offset=0, int dim1=-2, int dim2=-1) -> Tensor(a)",
  {
    summary: "`diagonal` of the last two axes.",
    infer: ({ A }, attrs) => ofDiagonal(A, attrs),
    evaluate: ({ A }, attrs) => takenDiagonal(A, attrs),
    traits: { writeBack },
  },
);

/** The last axis goes to the diagonal of two new ones. */
function embeddedShape(
  shape: readonly Dim[],
  { offset, dim1, dim2 }: DiagonalAttrs,
): { readonly shape: Dim[]; readonly axis1: number; readonly axis2: number } {
  if (shape.length === 0) invalid("cannot embed a scalar");
  const rank = shape.length + 1;
  const [axis1, axis2] = [axisOf(dim1, rank), axisOf(dim2, rank)];
  if (axis1 === axis2) invalid(`diagonal dimensions cannot be identical: ${dim1} and ${dim2}`);
  const size = addDim(shape[shape.length - 1]!, Math.abs(offset));
  const rest = shape.slice(0, -1);
  return {
    shape: Array.from({ length: rank }, (_, i) => (i === axis1 || i === axis2 ? size : rest.shift()!)),
    axis1,
    axis2,
  };
}
function embedded(self: TensorData, attrs: DiagonalAttrs): TensorData {
  const to = embeddedShape(self.type.shape, attrs);
  const shape = staticShape(to.shape);
  const out = wrap(tensor(self.type.dtype, shape), allocate(self.type.dtype, countOf(shape)));
  const count = countOf(self.type.shape);
  for (let i = 0; i < count; i++) {
    const from = coordinatesOf(i, self.type.shape);
    const along = from.pop()!;
    const at = shape.map((_, a) =>
      a === to.axis1
        ? along + Math.max(-attrs.offset, 0)
        : a === to.axis2
          ? along + Math.max(attrs.offset, 0)
          : from.shift()!,
    );
    copyElement(self, i, out, positionOf(at, shape));
  }
  return out;
}
export const diagEmbed = defineAten("diag_embed(Tensor self, int offset=0, int dim1=-2, int dim2=-1) -> Tensor", {
  summary: "Zeros with the last axis on a diagonal of two axes.",
  infer: ({ self }, attrs) => withShape(self, embeddedShape(self.shape, attrs).shape),
  evaluate: ({ self }, attrs) => embedded(self, attrs),
});
export const diag = defineAten("diag(Tensor self, int diagonal=0) -> Tensor", {
  summary: "The diagonal of a matrix, or the diagonal matrix of a vector.",
  infer: ({ self }, { diagonal: offset }) =>
    self.shape.length === 1
      ? withShape(self, embeddedShape(self.shape, { offset, dim1: 0, dim2: 1 }).shape)
      : self.shape.length === 2
        ? ofDiagonal(self, { offset, dim1: 0, dim2: 1 })
        : invalid(`expects a vector or a matrix, got rank ${self.shape.length}`),
  evaluate: ({ self }, { diagonal: offset }) =>
    (self.type.shape.length === 1 ? embedded : takenDiagonal)(self, { offset, dim1: 0, dim2: 1 }),
});
export const diagflat = defineAten("diagflat(Tensor self, int offset=0) -> Tensor", {
  summary: "The diagonal matrix of all elements.",
  infer: ({ self }, { offset }) =>
    withShape(self, embeddedShape([sizeOf(self.shape)], { offset, dim1: 0, dim2: 1 }).shape),
  evaluate: ({ self }, { offset }) =>
    embedded(reshaped(self, [countOf(self.type.shape)]), { offset, dim1: 0, dim2: 1 }),
});

const asMatrix = (shape: readonly Dim[]): readonly [Dim, Dim] =>
  shape.length > 2
    ? invalid(`expects at most 2 axes, got ${shape.length}`)
    : [shape[shape.length - 2] ?? 1, shape[shape.length - 1] ?? 1];
export const blockDiag = defineAten("block_diag(Tensor[] tensors) -> Tensor", {
  summary: "Matrices along the diagonal of a matrix of zeros.",
  infer({ tensors }) {
    const blocks = tensors.map((t) => asMatrix(t.shape));
    return tensor(
      resultDType(...tensors),
      [0, 1].map((k) => blocks.reduce<Dim>((n, b) => addDim(n, b[k]!), 0)),
    );
  },
  evaluate({ tensors }, _, [type]) {
    const shape = [0, 1].map((k) => tensors.reduce((n, t) => n + (asMatrix(t.type.shape)[k] as number), 0));
    const out = wrap(tensor(type!.dtype, shape), allocate(type!.dtype, countOf(shape)));
    let [row, column] = [0, 0];
    for (const t of tensors) {
      const [rows, columns] = asMatrix(t.type.shape) as readonly [number, number];
      const from = castData(t, type!.dtype);
      for (let i = 0; i < rows * columns; i++)
        copyElement(from, i, out, (row + Math.floor(i / columns)) * shape[1]! + column + (i % columns));
      row += rows;
      column += columns;
    }
    return out;
  },
});
