import {
  addDim,
  countOf,
  type Dim,
  floorDivDim,
  invalid,
  isStatic,
  rowMajorStrides,
  sizeOf,
  staticShape,
  type TensorData,
  type TensorType,
  type Value,
  withShape,
} from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import type { WriteBack } from "../schema/traits.ts";
import { axisOf } from "../semantics/axes.ts";
import { strided } from "../semantics/views.ts";
import { asStridedScatter } from "./scatter-views.ts";

interface StridedAttrs {
  readonly size: readonly Dim[];
  readonly stride: readonly Dim[];
  readonly storage_offset: Dim | undefined;
}
/** Strides count in the storage of the input, which is taken to be row-major: the importer checks that it was. */
const striding = {
  infer({ self }: { readonly self: TensorType }, { size, stride, storage_offset = 0 }: StridedAttrs): TensorType {
    if (size.length !== stride.length) invalid(`size has ${size.length} numbers, stride ${stride.length}`);
    const total = sizeOf(self.shape);
    if (
      isStatic(total) &&
      size.every(isStatic) &&
      stride.every(isStatic) &&
      isStatic(storage_offset) &&
      !size.includes(0)
    ) {
      const last = size.reduce((at, d, i) => at + ((d as number) - 1) * (stride[i] as number), storage_offset);
      if (last >= total) invalid(`needs element ${last} of a tensor that has ${total}`);
    }
    return withShape(self, size);
  },
  evaluate: ({ self }: { readonly self: TensorData }, { size, stride, storage_offset }: StridedAttrs): TensorData =>
    strided(self, staticShape(size), staticShape(stride), (storage_offset as number | undefined) ?? 0),
};
export const asStrided = defineAten(
  "as_strided(Tensor(a) self, SymInt[] size, SymInt[] stride, SymInt? storage_offset=None) -> Tensor(a)",
  {
    summary: "The elements of the storage that strides select.",
    ...striding,
    traits: {
      viewsStorage: true,
      writeBack: ({ base, attrs: { size, stride, storage_offset }, written, emit }: WriteBack): Value =>
        emit(asStridedScatter, { self: base, src: written }, { size, stride, storage_offset }),
    },
  },
);
export const asStridedCopy = defineAten(
  "as_strided_copy(Tensor self, SymInt[] size, SymInt[] stride, SymInt? storage_offset=None) -> Tensor",
  {
    summary: "`as_strided` that copies.",
    ...striding,
    traits: { viewsStorage: true },
  },
);

interface UnfoldAttrs {
  readonly dimension: number;
  readonly size: number;
  readonly step: number;
}
const unfolding = {
  infer({ self }: { readonly self: TensorType }, { dimension, size, step }: UnfoldAttrs): TensorType {
    const axis = axisOf(dimension, self.shape.length);
    const extent = self.shape[axis] ?? 1;
    if (step <= 0) invalid(`step must be positive, got ${step}`);
    if (size < 0 || (isStatic(extent) && size > extent))
      invalid(`window of ${size} does not fit axis ${axis} of extent ${isStatic(extent) ? extent : extent.key}`);
    if (self.shape.length === 0) return withShape(self, [size]);
    const count = addDim(floorDivDim(addDim(extent, -size), step), 1);
    return withShape(self, [...self.shape.map((d, i) => (i === axis ? count : d)), size]);
  },
  evaluate({ self }: { readonly self: TensorData }, attrs: UnfoldAttrs): TensorData {
    const shape = staticShape(unfolding.infer({ self: self.type }, attrs).shape);
    const axis = axisOf(attrs.dimension, self.type.shape.length);
    const s = rowMajorStrides(self.type.shape);
    return self.type.shape.length === 0
      ? strided(self, shape, [1])
      : strided(self, shape, [...s.map((x, i) => (i === axis ? x * attrs.step : x)), s[axis]!]);
  },
};
export const unfold = defineAten("unfold(Tensor(a) self, int dimension, int size, int step) -> Tensor(a)", {
  summary: "Windows of one axis; their elements become the last axis.",
  ...unfolding,
});
export const unfoldCopy = defineAten("unfold_copy(Tensor self, int dimension, int size, int step) -> Tensor", {
  summary: "`unfold` that copies.",
  ...unfolding,
});

const resizing = {
  infer: ({ self }: { readonly self: TensorType }, { size }: { readonly size: readonly Dim[] }) =>
    withShape(self, size),
  evaluate({ self }: { readonly self: TensorData }, { size }: { readonly size: readonly Dim[] }): TensorData {
    const shape = staticShape(size);
    if (countOf(shape) > countOf(self.type.shape)) throw new RangeError("what a tensor grows by has no values");
    return strided(self, shape, rowMajorStrides(shape));
  },
};
export const resize = defineAten("resize(Tensor self, SymInt[] size, *, MemoryFormat? memory_format=None) -> Tensor", {
  summary: "The first elements in another shape.",
  ...resizing,
});
/** Not an in-place op like others: it writes nothing, but gives the tensor itself another shape, and new memory when it grows. */
export const resizeInPlace = defineAten(
  "resize_(Tensor(a!) self, SymInt[] size, *, MemoryFormat? memory_format=None) -> Tensor(a!)",
  {
    summary: "`resize` of the tensor itself.",
    traits: { view: { operand: "self" }, sharesMemory: () => undefined, viewsStorage: true },
    ...resizing,
  },
);
