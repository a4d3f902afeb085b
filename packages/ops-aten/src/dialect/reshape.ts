import {
  type Dim,
  invalid,
  isStatic,
  sizeOf,
  type TensorData,
  type TensorType,
  type Value,
  withShape,
} from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import type { WriteBack } from "../schema/traits.ts";
import { axesOf, axisOf } from "../semantics/axes.ts";
import { atLeast, fillWildcard, reshaped } from "../semantics/views.ts";

/** What an op that keeps the elements and their order is, from the shape it gives. */
const reshaping = <A>(shape: (input: readonly Dim[], attrs: A) => readonly Dim[]) => ({
  infer: ({ self }: { readonly self: TensorType }, attrs: A) => withShape(self, shape(self.shape, attrs)),
  evaluate: ({ self }: { readonly self: TensorData }, attrs: A) =>
    reshaped(self, shape(self.type.shape, attrs) as number[]),
});
const asOther = {
  infer({ self, other }: { readonly self: TensorType; readonly other: TensorType }): TensorType {
    const [have, want] = [sizeOf(self.shape), sizeOf(other.shape)];
    if (isStatic(have) && isStatic(want) && have !== want) invalid(`has ${have} elements, the shape of other ${want}`);
    return withShape(self, other.shape);
  },
  evaluate: ({ self, other }: { readonly self: TensorData; readonly other: TensorData }) =>
    reshaped(self, other.type.shape),
};
/** The base gets the written elements in its own shape. */
const writeBack = ({ base, written, emit }: WriteBack): Value =>
  emit(view, { self: written }, { size: base.type.shape });
const traits = { writeBack };
/** The same of ops whose schema does not say that they are views. */
const aliasing = { writeBack, view: { operand: "self" } } as const;
const maybeCopying = { writeBack, maybeCopies: true } as const;

const viewing = reshaping((input, { size }: { readonly size: readonly Dim[] }) => fillWildcard(size, sizeOf(input)));
export const view = defineAten("view(Tensor(a) self, SymInt[] size) -> Tensor(a)", {
  summary: "The same elements in another shape.",
  traits,
  ...viewing,
});
export const viewCopy = defineAten("view_copy(Tensor self, SymInt[] size) -> Tensor", {
  summary: "`view` that copies.",
  ...viewing,
});
export const unsafeView = defineAten("_unsafe_view(Tensor self, SymInt[] size) -> Tensor", {
  summary: "`view` of a tensor that nothing else reads.",
  traits: aliasing,
  ...viewing,
});
export const reshapeAlias = defineAten("_reshape_alias(Tensor(a) self, SymInt[] size, SymInt[] stride) -> Tensor(a)", {
  summary: "`view` with the strides it will have.",
  traits,
  ...viewing,
});
export const reshape = defineAten("reshape(Tensor(a) self, SymInt[] shape) -> Tensor(a)", {
  summary: "The same elements in another shape; a copy where strides demand it.",
  traits: maybeCopying,
  ...reshaping((input, { shape }: { readonly shape: readonly Dim[] }) => fillWildcard(shape, sizeOf(input))),
});
export const viewAs = defineAten("view_as(Tensor(a) self, Tensor other) -> Tensor(a)", {
  summary: "`view` with the shape of another tensor.",
  traits,
  ...asOther,
});
export const reshapeAs = defineAten("reshape_as(Tensor(a) self, Tensor other) -> Tensor(a)", {
  summary: "`reshape` to the shape of another tensor.",
  traits: maybeCopying,
  ...asOther,
});
export const ravel = defineAten("ravel(Tensor(a) self) -> Tensor(a)", {
  summary: "All elements along one axis.",
  traits: maybeCopying,
  ...reshaping((input) => [sizeOf(input)]),
});

export const flattenUsingInts = defineAten(
  "flatten.using_ints(Tensor(a) self, int start_dim=0, int end_dim=-1) -> Tensor(a)",
  {
    summary: "Joins neighbouring axes into one.",
    traits: maybeCopying,
    ...reshaping((input, { start_dim, end_dim }: { readonly start_dim: number; readonly end_dim: number }) => {
      if (input.length === 0) return [1];
      const [from, to] = [axisOf(start_dim, input.length), axisOf(end_dim, input.length)];
      if (from > to) invalid(`start_dim ${start_dim} comes after end_dim ${end_dim}`);
      return [...input.slice(0, from), sizeOf(input.slice(from, to + 1)), ...input.slice(to + 1)];
    }),
  },
);
export const unflattenInt = defineAten("unflatten.int(Tensor(a) self, int dim, SymInt[] sizes) -> Tensor(a)", {
  summary: "Splits an axis into several.",
  traits,
  ...reshaping((input, { dim, sizes }: { readonly dim: number; readonly sizes: readonly Dim[] }) => {
    const axis = axisOf(dim, input.length);
    return [...input.slice(0, axis), ...fillWildcard(sizes, input[axis]!), ...input.slice(axis + 1)];
  }),
});

const squeezed = (input: readonly Dim[], axes: readonly number[]): Dim[] =>
  input.filter((d, i) => d !== 1 || !axes.includes(i));
const squeezingAll = reshaping((input) => input.filter((d) => d !== 1));
const squeezingOne = reshaping((input, { dim }: { readonly dim: number }) =>
  squeezed(input, [axisOf(dim, input.length)]),
);
const squeezingSome = reshaping((input, { dim }: { readonly dim: readonly number[] }) =>
  squeezed(input, axesOf(dim, input.length)),
);
const unsqueezing = reshaping((input, { dim }: { readonly dim: number }) =>
  input.toSpliced(axisOf(dim, input.length + 1), 0, 1),
);

export const squeeze = defineAten("squeeze(Tensor(a) self) -> Tensor(a)", {
  summary: "Drops all axes of extent 1.",
  traits,
  ...squeezingAll,
});
export const squeezeDim = defineAten("squeeze.dim(Tensor(a) self, int dim) -> Tensor(a)", {
  summary: "Drops one axis if its extent is 1.",
  traits,
  ...squeezingOne,
});
export const squeezeDims = defineAten("squeeze.dims(Tensor(a) self, int[] dim) -> Tensor(a)", {
  summary: "Drops those of the given axes whose extent is 1.",
  traits,
  ...squeezingSome,
});
export const squeezeCopy = defineAten("squeeze_copy(Tensor self) -> Tensor", {
  summary: "`squeeze` that copies.",
  ...squeezingAll,
});
export const squeezeCopyDim = defineAten("squeeze_copy.dim(Tensor self, int dim) -> Tensor", {
  summary: "`squeeze` of one axis that copies.",
  ...squeezingOne,
});
export const squeezeCopyDims = defineAten("squeeze_copy.dims(Tensor self, int[] dim) -> Tensor", {
  summary: "`squeeze` of some axes that copies.",
  ...squeezingSome,
});
export const unsqueeze = defineAten("unsqueeze(Tensor(a) self, int dim) -> Tensor(a)", {
  summary: "Inserts an axis of extent 1.",
  traits,
  ...unsqueezing,
});
export const unsqueezeCopy = defineAten("unsqueeze_copy(Tensor self, int dim) -> Tensor", {
  summary: "`unsqueeze` that copies.",
  ...unsqueezing,
});

const lifting = (rank: 1 | 2 | 3) => ({ traits: aliasing, ...reshaping((input) => atLeast(rank, input)) });
const liftingAll = (rank: 1 | 2 | 3) => ({
  traits: { writeBack, view: { operand: "tensors" } },
  infer: ({ tensors }: { readonly tensors: readonly TensorType[] }) =>
    tensors.map((t) => withShape(t, atLeast(rank, t.shape))),
  evaluate: ({ tensors }: { readonly tensors: readonly TensorData[] }) =>
    tensors.map((t) => reshaped(t, atLeast(rank, t.type.shape) as number[])),
});
export const atleast1d = defineAten("atleast_1d(Tensor self) -> Tensor", {
  summary: "A scalar gets an axis.",
  ...lifting(1),
});
export const atleast2d = defineAten("atleast_2d(Tensor self) -> Tensor", {
  summary: "At least two axes; a vector becomes a row.",
  ...lifting(2),
});
export const atleast3d = defineAten("atleast_3d(Tensor self) -> Tensor", {
  summary: "At least three axes.",
  ...lifting(3),
});
export const atleast1dSequence = defineAten("atleast_1d.Sequence(Tensor[] tensors) -> Tensor[]", {
  summary: "`atleast_1d` of each tensor.",
  ...liftingAll(1),
});
export const atleast2dSequence = defineAten("atleast_2d.Sequence(Tensor[] tensors) -> Tensor[]", {
  summary: "`atleast_2d` of each tensor.",
  ...liftingAll(2),
});
export const atleast3dSequence = defineAten("atleast_3d.Sequence(Tensor[] tensors) -> Tensor[]", {
  summary: "`atleast_3d` of each tensor.",
  ...liftingAll(3),
});
