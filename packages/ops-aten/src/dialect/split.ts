import {
  addDim,
  type Dim,
  invalid,
  isStatic,
  operand,
  staticShape,
  type TensorData,
  type TensorType,
  type Value,
  withShape,
} from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import type { WriteBack } from "../schema/traits.ts";
import { axisOf } from "../semantics/axes.ts";
import { betweenCuts, chunks, inARow, type Pieces, pieces, sections } from "../semantics/splitting.ts";
import { reshaped, slicedAlong } from "../semantics/views.ts";
import { selectScatter, sliceScatter } from "./scatter-views.ts";

interface Cut extends Pieces {
  readonly axis: number;
}
const cutInARow = (axis: number, extents: readonly Dim[]): Cut => ({ axis, ...inARow(extents) });

/** What an op that cuts an axis is, from the axis and its pieces. */
function splitting<A>(cut: (shape: readonly Dim[], attrs: A) => Cut) {
  const resolve = (shape: readonly Dim[], attrs: A): Cut =>
    shape.length === 0 ? invalid("cannot split a scalar") : cut(shape, attrs);
  return {
    infer({ self }: { readonly self: TensorType }, attrs: A): TensorType[] {
      const { axis, extents } = resolve(self.shape, attrs);
      return extents.map((e) =>
        withShape(
          self,
          self.shape.map((d, i) => (i === axis ? e : d)),
        ),
      );
    },
    evaluate({ self }: { readonly self: TensorData }, attrs: A): TensorData[] {
      const { axis, extents, starts } = resolve(self.type.shape, attrs);
      return extents.map((e, k) => slicedAlong(self, axis, starts[k] as number, e as number));
    },
    traits: {
      writeBack({ base, attrs, result, written, emit }: WriteBack): Value {
        const { axis, extents, starts } = resolve(base.type.shape, attrs as A);
        const start = starts[result]!;
        return emit(
          sliceScatter,
          { self: base, src: written },
          { dim: axis, start, end: addDim(start, extents[result]!), step: 1 },
        );
      },
    },
  };
}
/** Views whose schema does not say so. */
const aliasing = <T extends { readonly traits: object }>(spec: T) => ({
  ...spec,
  traits: { ...spec.traits, view: { operand: "self" } },
});
const copying = <T extends { readonly traits: object }>({ traits: _, ...rest }: T): Omit<T, "traits"> => rest;

const bySize = splitting((shape, { split_size, dim }: { readonly split_size: Dim; readonly dim: number }) => {
  const axis = axisOf(dim, shape.length);
  return cutInARow(axis, pieces(shape[axis]!, split_size));
});
function exactly(shape: readonly Dim[], sizes: readonly Dim[], dim: number): Cut {
  const axis = axisOf(dim, shape.length);
  const total = sizes.reduce<Dim>(addDim, 0);
  const extent = shape[axis]!;
  if (isStatic(total) && isStatic(extent) && total !== extent)
    invalid(`split sizes sum to ${total}, axis ${axis} has ${extent}`);
  return cutInARow(axis, sizes);
}
const bySizes = splitting(
  (shape, { split_sizes, dim }: { readonly split_sizes: readonly Dim[]; readonly dim: number }) =>
    exactly(shape, split_sizes, dim),
);
const byChunks = splitting((shape, { chunks: count, dim }: { readonly chunks: number; readonly dim: number }) => {
  const axis = axisOf(dim, shape.length);
  return cutInARow(axis, chunks(shape[axis]!, count));
});

export const splitTensor = defineAten(
  "split.Tensor(Tensor(a -> *) self, SymInt split_size, int dim=0) -> Tensor(a)[]",
  {
    summary: "Pieces of one size.",
    ...bySize,
  },
);
export const splitSizes = defineAten(
  "split.sizes(Tensor(a -> *) self, SymInt[] split_size, int dim=0) -> Tensor(a)[]",
  {
    summary: "Pieces of given sizes.",
    ...splitting((shape, { split_size, dim }: { readonly split_size: readonly Dim[]; readonly dim: number }) =>
      exactly(shape, split_size, dim),
    ),
  },
);
export const splitWithSizes = defineAten(
  "split_with_sizes(Tensor(a -> *) self, SymInt[] split_sizes, int dim=0) -> Tensor(a)[]",
  {
    summary: "Pieces of given sizes.",
    ...bySizes,
  },
);
export const chunk = defineAten("chunk(Tensor(a -> *) self, int chunks, int dim=0) -> Tensor(a)[]", {
  summary: "At most `chunks` pieces of one size; the last may be smaller.",
  ...byChunks,
});
export const unsafeChunk = defineAten("unsafe_chunk(Tensor self, int chunks, int dim=0) -> Tensor[]", {
  summary: "`chunk`.",
  ...aliasing(byChunks),
});
export const unsafeSplitTensor = defineAten(
  "unsafe_split.Tensor(Tensor self, SymInt split_size, int dim=0) -> Tensor[]",
  {
    summary: "`split`.",
    ...aliasing(bySize),
  },
);
export const unsafeSplitWithSizes = defineAten(
  "unsafe_split_with_sizes(Tensor self, SymInt[] split_sizes, int dim=0) -> Tensor[]",
  {
    summary: "`split_with_sizes`.",
    ...aliasing(bySizes),
  },
);
export const splitCopyTensor = defineAten("split_copy.Tensor(Tensor self, SymInt split_size, int dim=0) -> Tensor[]", {
  summary: "`split` that copies.",
  ...copying(bySize),
});
export const splitWithSizesCopy = defineAten(
  "split_with_sizes_copy(Tensor self, SymInt[] split_sizes, int dim=0) -> Tensor[]",
  {
    summary: "`split_with_sizes` that copies.",
    ...copying(bySizes),
  },
);

export const tensorSplitSections = defineAten(
  "tensor_split.sections(Tensor(a -> *) self, SymInt sections, int dim=0) -> Tensor(a)[]",
  {
    summary: "`sections` pieces whose sizes differ by one at most.",
    ...splitting((shape, { sections: count, dim }: { readonly sections: Dim; readonly dim: number }) => {
      const axis = axisOf(dim, shape.length);
      return cutInARow(axis, sections(shape[axis]!, count));
    }),
  },
);
export const tensorSplitIndices = defineAten(
  "tensor_split.indices(Tensor(a -> *) self, SymInt[] indices, int dim=0) -> Tensor(a)[]",
  {
    summary: "Pieces between the given places.",
    ...splitting((shape, { indices, dim }: { readonly indices: readonly Dim[]; readonly dim: number }) => {
      const axis = axisOf(dim, shape.length);
      return { axis, ...betweenCuts(shape[axis]!, indices) };
    }),
  },
);
/** How many pieces there are depends on data, so the types come from the program. */
export const tensorSplitTensorIndicesOrSections = defineAten(
  "tensor_split.tensor_indices_or_sections(Tensor(a -> *) self, Tensor tensor_indices_or_sections, int dim=0) -> Tensor(a)[]",
  {
    summary: "`tensor_split` whose sections or places are a tensor.",
    operands: { tensor_indices_or_sections: operand.both(operand.dtype("i64"), operand.ranks(0, 1)) },
    evaluate({ self, tensor_indices_or_sections: at }, { dim }) {
      const shape: readonly number[] = self.type.shape;
      const axis = axisOf(dim, shape.length);
      const numbers = Array.from(at.data, Number);
      const { extents, starts } =
        at.type.shape.length === 0 ? inARow(sections(shape[axis]!, numbers[0]!)) : betweenCuts(shape[axis]!, numbers);
      return extents.map((e, k) => slicedAlong(self, axis, starts[k] as number, e as number));
    },
  },
);

/** `hsplit`, `vsplit` and `dsplit` cut axis 1 (0 of a vector), 0 and 2. */
const hAxis = (rank: number): number => (rank === 1 ? 0 : 1);
const vAxis = (rank: number): number => (rank < 2 ? invalid(`expects at least 2 axes, got ${rank}`) : 0);
const dAxis = (rank: number): number => (rank < 3 ? invalid(`expects at least 3 axes, got ${rank}`) : 2);
const evenly = (axisFor: (rank: number) => number) =>
  splitting((shape, { sections: count }: { readonly sections: number }) => {
    const axis = axisFor(shape.length);
    const extent = shape[axis]!;
    if (isStatic(extent) && (count <= 0 || extent % count !== 0))
      invalid(`cannot cut axis ${axis} of extent ${extent} into ${count} equal sections`);
    return cutInARow(axis, sections(extent, count));
  });
const atPlaces = (axisFor: (rank: number) => number) =>
  splitting((shape, { indices }: { readonly indices: readonly number[] }) => {
    const axis = axisFor(shape.length);
    return { axis, ...betweenCuts(shape[axis]!, indices) };
  });
export const hsplitInt = defineAten("hsplit.int(Tensor(a -> *) self, int sections) -> Tensor(a)[]", {
  summary: "Equal pieces by column.",
  ...evenly(hAxis),
});
export const hsplitArray = defineAten("hsplit.array(Tensor(a -> *) self, int[] indices) -> Tensor(a)[]", {
  summary: "Pieces by column.",
  ...atPlaces(hAxis),
});
export const vsplitInt = defineAten("vsplit.int(Tensor(a -> *) self, int sections) -> Tensor(a)[]", {
  summary: "Equal pieces by row.",
  ...evenly(vAxis),
});
export const vsplitArray = defineAten("vsplit.array(Tensor(a -> *) self, int[] indices) -> Tensor(a)[]", {
  summary: "Pieces by row.",
  ...atPlaces(vAxis),
});
export const dsplitInt = defineAten("dsplit.int(Tensor(a -> *) self, int sections) -> Tensor(a)[]", {
  summary: "Equal pieces along axis 2.",
  ...evenly(dAxis),
});
export const dsplitArray = defineAten("dsplit.array(Tensor(a -> *) self, int[] indices) -> Tensor(a)[]", {
  summary: "Pieces along axis 2.",
  ...atPlaces(dAxis),
});

const unbinding = {
  infer({ self }: { readonly self: TensorType }, { dim }: { readonly dim: number }): TensorType[] {
    const axis = axisOf(dim, self.shape.length);
    const extent = self.shape[axis];
    if (extent === undefined) return invalid("cannot unbind a scalar");
    if (!isStatic(extent)) return invalid("needs a static extent to unbind");
    return Array.from({ length: extent }, () => withShape(self, self.shape.toSpliced(axis, 1)));
  },
  evaluate({ self }: { readonly self: TensorData }, { dim }: { readonly dim: number }): TensorData[] {
    const shape = staticShape(self.type.shape);
    const axis = axisOf(dim, shape.length);
    return Array.from({ length: shape[axis]! }, (_, i) =>
      reshaped(slicedAlong(self, axis, i, 1), shape.toSpliced(axis, 1)),
    );
  },
};
export const unbindInt = defineAten("unbind.int(Tensor(a -> *) self, int dim=0) -> Tensor(a)[]", {
  summary: "Every place of an axis, which goes away.",
  ...unbinding,
  traits: {
    writeBack: ({ base, attrs, result, written, emit }: WriteBack): Value =>
      emit(selectScatter, { self: base, src: written }, { dim: attrs["dim"], index: result }),
  },
});
export const unbindCopyInt = defineAten("unbind_copy.int(Tensor self, int dim=0) -> Tensor[]", {
  summary: "`unbind` that copies.",
  ...unbinding,
});
