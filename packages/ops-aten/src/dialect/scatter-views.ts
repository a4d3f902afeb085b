import {
  type Dim,
  invalid,
  isStatic,
  rowMajorStrides,
  sameShape,
  showType,
  staticShape,
  type TensorData,
  type TensorType,
  withShape,
} from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { axisOf } from "../semantics/axes.ts";
import { diagonalOf } from "../semantics/diagonals.ts";
import { castData } from "../semantics/pointwise.ts";
import { sliceRange, wrapIndex } from "../semantics/slicing.ts";
import { coordinatesOf, copied, copyElement } from "../semantics/views.ts";

/** A copy of `self` in which element `i` of `src` stands where `strides` and `offset` put it. */
function overwritten(self: TensorData, src: TensorData, strides: readonly number[], offset: number): TensorData {
  const out = copied(self);
  const from = castData(src, self.type.dtype);
  const shape: readonly number[] = src.type.shape;
  const count = shape.reduce((n, d) => n * d, 1);
  for (let i = 0; i < count; i++)
    copyElement(
      from,
      i,
      out,
      coordinatesOf(i, shape).reduce((at, c, d) => at + c * strides[d]!, offset),
    );
  return out;
}
function needShape(src: TensorType, shape: readonly Dim[]): void {
  if (
    src.shape.length !== shape.length ||
    (src.shape.every(isStatic) && shape.every(isStatic) && !sameShape(src.shape, shape))
  )
    invalid(`src must be ${showType(withShape(src, shape))}, got ${showType(src)}`);
}

export const selectScatter = defineAten("select_scatter(Tensor self, Tensor src, int dim, SymInt index) -> Tensor", {
  summary: "`self` with one place of an axis replaced.",
  infer({ self, src }, { dim }) {
    needShape(src, self.shape.toSpliced(axisOf(dim, self.shape.length), 1));
    return self;
  },
  evaluate({ self, src }, { dim, index }) {
    const axis = axisOf(dim, self.type.shape.length);
    const strides = rowMajorStrides(self.type.shape);
    return overwritten(
      self,
      src,
      strides.toSpliced(axis, 1),
      (wrapIndex(index, self.type.shape[axis]!) as number) * strides[axis]!,
    );
  },
});

export const sliceScatter = defineAten(
  "slice_scatter(Tensor self, Tensor src, int dim=0, SymInt? start=None, SymInt? end=None, SymInt step=1) -> Tensor",
  {
    summary: "`self` with a slice of one axis replaced.",
    infer({ self, src }, { dim, start, end, step }) {
      const axis = axisOf(dim, self.shape.length);
      const { count } = sliceRange(self.shape[axis]!, start, end, step);
      needShape(
        src,
        self.shape.map((d, i) => (i === axis ? count : d)),
      );
      return self;
    },
    evaluate({ self, src }, { dim, start, end, step }) {
      const axis = axisOf(dim, self.type.shape.length);
      const range = sliceRange(self.type.shape[axis]!, start, end, step);
      const strides = rowMajorStrides(self.type.shape);
      return overwritten(
        self,
        src,
        strides.map((s, i) => (i === axis ? s * range.step : s)),
        (range.start as number) * strides[axis]!,
      );
    },
  },
);

export const diagonalScatter = defineAten(
  "diagonal_scatter(Tensor self, Tensor src, int offset=0, int dim1=0, int dim2=1) -> Tensor",
  {
    summary: "`self` with a diagonal replaced.",
    infer({ self, src }, { offset, dim1, dim2 }) {
      needShape(src, diagonalOf(self.shape, offset, dim1, dim2).shape);
      return self;
    },
    evaluate({ self, src }, { offset, dim1, dim2 }) {
      const d = diagonalOf(self.type.shape, offset, dim1, dim2);
      const strides = rowMajorStrides(self.type.shape);
      return overwritten(
        self,
        src,
        [...d.rest.map((a) => strides[a]!), strides[d.axis1]! + strides[d.axis2]!],
        d.skip1 * strides[d.axis1]! + d.skip2 * strides[d.axis2]!,
      );
    },
  },
);

export const asStridedScatter = defineAten(
  "as_strided_scatter(Tensor self, Tensor src, SymInt[] size, SymInt[] stride, SymInt? storage_offset=None) -> Tensor",
  {
    summary: "`self` with the elements that strides select replaced.",
    traits: { viewsStorage: true },
    infer({ self, src }, { size }) {
      needShape(src, size);
      return self;
    },
    evaluate: ({ self, src }, { stride, storage_offset }) =>
      overwritten(self, src, staticShape(stride), (storage_offset as number | undefined) ?? 0),
  },
);
