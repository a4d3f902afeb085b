import {
  broadcastShapes,
  countOf,
  type Dim,
  invalid,
  isStatic,
  mulDim,
  operand,
  type TensorData,
  type TensorType,
  withShape,
} from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { axisOf } from "../semantics/axes.ts";
import { placeOf } from "../semantics/indexing.ts";
import { aroundAxis } from "../semantics/lines.ts";
import { broadcasted, coordinatesOf, positionOf, reshaped, selected } from "../semantics/views.ts";

const indices = operand.dtype("i64", "i32");

/** Element `i` of the result is element `i` of `self`, but along `axis` where `index` says. */
function gathered(self: TensorData, axis: number, index: TensorData, wraps = false): TensorData {
  const shape: readonly number[] = self.type.shape;
  const to: readonly number[] = index.type.shape;
  if (shape.length === 0) return selected(self, to, () => 0);
  return selected(self, to, (i) =>
    positionOf(
      (to.length ? coordinatesOf(i, to) : [0]).with(axis, placeOf(index.data[i]!, shape[axis]!, wraps)),
      shape,
    ),
  );
}
export const gather = defineAten("gather(Tensor self, int dim, Tensor index, *, bool sparse_grad=False) -> Tensor", {
  summary: "Elements along an axis by place, one place for each element of the result.",
  // an index without elements may be of any dtype
  operands: { index: operand.integer },
  infer({ self, index }, { dim }) {
    const axis = axisOf(dim, self.shape.length);
    if (
      Math.max(self.shape.length, 1) !== Math.max(index.shape.length, 1) &&
      index.shape.length + self.shape.length > 0 &&
      !index.shape.includes(0)
    )
      invalid(`index has ${index.shape.length} axes, the input ${self.shape.length}`);
    index.shape.forEach((d, i) => {
      const extent = self.shape[i] ?? 1;
      if (i !== axis && isStatic(d) && isStatic(extent) && d > extent)
        invalid(`index has extent ${d} on axis ${i}, the input ${extent}`);
    });
    return withShape(self, index.shape);
  },
  evaluate: ({ self, index }, { dim }) => gathered(self, axisOf(dim, self.type.shape.length), index),
});

export const take = defineAten("take(Tensor self, Tensor index) -> Tensor", {
  summary: "Elements by place in row-major order; negative places count from the end.",
  operands: { index: indices },
  infer: ({ self, index }) => withShape(self, index.shape),
  evaluate: ({ self, index }) =>
    selected(self, index.type.shape, (i) => placeOf(index.data[i]!, countOf(self.type.shape))),
});

/** Shapes of the input and of the indices, each broadcast to the other but for `axis`. */
function alongAxis(
  self: readonly Dim[],
  index: readonly Dim[],
  axis: number,
): { readonly self: Dim[]; readonly index: Dim[] } {
  if (self.length !== index.length) invalid(`indices have ${index.length} axes, the input ${self.length}`);
  const both = broadcastShapes(self.with(axis, 1), index.with(axis, 1));
  return { self: both.with(axis, self[axis]!), index: both.with(axis, index[axis]!) };
}
export const takeAlongDim = defineAten("take_along_dim(Tensor self, Tensor indices, int? dim=None) -> Tensor", {
  summary:
    "`gather` that broadcasts, with places that may count from the end; without `dim`, of all elements along one axis.",
  operands: { indices },
  infer: ({ self, indices: index }, { dim }) =>
    withShape(
      self,
      dim === undefined
        ? [index.shape.reduce<Dim>((n, d) => mulDim(n, d), 1)]
        : alongAxis(self.shape, index.shape, axisOf(dim, self.shape.length)).index,
    ),
  evaluate({ self, indices: index }, { dim }) {
    if (dim === undefined)
      return gathered(reshaped(self, [countOf(self.type.shape)]), 0, reshaped(index, [countOf(index.type.shape)]));
    const axis = axisOf(dim, self.type.shape.length);
    const to = alongAxis(self.type.shape, index.type.shape, axis) as { self: number[]; index: number[] };
    return gathered(broadcasted(self, to.self), axis, broadcasted(index, to.index), true);
  },
});

export const indexSelect = defineAten("index_select(Tensor self, int dim, Tensor index) -> Tensor", {
  summary: "Places of an axis, by a list of them.",
  operands: { index: operand.both(indices, operand.ranks(0, 1)) },
  infer({ self, index }: { readonly self: TensorType; readonly index: TensorType }, { dim }) {
    const axis = axisOf(dim, self.shape.length);
    return self.shape.length === 0 ? self : withShape(self, self.shape.with(axis, index.shape[0] ?? 1));
  },
  evaluate({ self, index }, { dim }) {
    const shape: readonly number[] = self.type.shape;
    if (shape.length === 0) return self;
    const axis = axisOf(dim, shape.length);
    const { inner, extent } = aroundAxis(shape, axis);
    const count = countOf(index.type.shape);
    return selected(self, shape.with(axis, count), (i) => {
      const outer = Math.floor(i / (inner * count));
      return (
        (outer * extent + placeOf(index.data[Math.floor(i / inner) % count]!, extent, false)) * inner + (i % inner)
      );
    });
  },
});
