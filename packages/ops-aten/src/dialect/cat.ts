import {
  addDim,
  countOf,
  type Dim,
  floorDivDim,
  invalid,
  isStatic,
  mulDim,
  sizeOf,
  type TensorData,
  type TensorType,
  tensor,
  tensorData,
} from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { axisOf } from "../semantics/axes.ts";
import { concatenated } from "../semantics/concatenate.ts";
import { resultDType } from "../semantics/promote.ts";
import { atLeast, reshaped } from "../semantics/views.ts";

/** A vector without elements goes with anything, as it always has in PyTorch. */
const isLegacyEmpty = (t: TensorType): boolean => t.shape.length === 1 && t.shape[0] === 0;
/** Those of `tensors` that count in a concatenation. */
const counted = <T extends { readonly type: TensorType }>(tensors: readonly T[]): readonly T[] => {
  const left = tensors.filter((t) => !isLegacyEmpty(t.type));
  return left.length ? left : tensors.slice(0, 1);
};

function joinedType(types: readonly TensorType[], dim: number): TensorType {
  if (types.length === 0) invalid("expects at least one tensor");
  const parts = counted(types.map((type) => ({ type }))).map((p) => p.type);
  const rank = parts[0]!.shape.length;
  if (rank === 0) invalid("cannot concatenate scalars");
  const axis = axisOf(dim, rank);
  for (const p of parts)
    if (
      p.shape.length !== rank ||
      p.shape.some((d, i) => i !== axis && isStatic(d) && isStatic(parts[0]!.shape[i]!) && d !== parts[0]!.shape[i])
    )
      invalid(`tensors must have one shape but for axis ${axis}`);
  const shape = parts[0]!.shape.map((d, i) =>
    i === axis
      ? parts.reduce<Dim>((n, p) => addDim(n, p.shape[axis]!), 0)
      : (parts.find((p) => isStatic(p.shape[i]!))?.shape[i] ?? d),
  );
  return tensor(resultDType(...types), shape);
}
function joined(tensors: readonly TensorData[], dim: number): TensorData {
  const parts = counted(tensors);
  return concatenated(parts, axisOf(dim, parts[0]!.type.shape.length), resultDType(...tensors.map((t) => t.type)));
}

interface Many<T> {
  readonly tensors: readonly T[];
}
const concatenating = {
  infer: ({ tensors }: Many<TensorType>, { dim }: { readonly dim: number }) => joinedType(tensors, dim),
  evaluate: ({ tensors }: Many<TensorData>, { dim }: { readonly dim: number }) => joined(tensors, dim),
};
export const cat = defineAten("cat(Tensor[] tensors, int dim=0) -> Tensor", {
  summary: "Tensors one after the other along an axis.",
  ...concatenating,
});
export const concat = defineAten("concat(Tensor[] tensors, int dim=0) -> Tensor", {
  summary: "`cat`.",
  ...concatenating,
});
export const concatenate = defineAten("concatenate(Tensor[] tensors, int dim=0) -> Tensor", {
  summary: "`cat`.",
  ...concatenating,
});

/** What a concatenation is whose operands get another shape first. */
const reshapedFirst = (shape: (s: readonly Dim[]) => readonly Dim[], axis: (rank: number) => number) => ({
  infer({ tensors }: Many<TensorType>) {
    const types = tensors.map((t) => tensor(t.dtype, shape(t.shape)));
    return tensor(resultDType(...tensors), joinedType(types, axis(types[0]?.shape.length ?? 1)).shape);
  },
  evaluate({ tensors }: Many<TensorData>, _: object, [type]: readonly TensorType[]) {
    const parts = tensors.map((t) => reshaped(t, shape(t.type.shape) as number[]));
    return concatenated(counted(parts), axis(parts[0]!.type.shape.length), type!.dtype);
  },
});
const horizontally = (rank: number): number => (rank === 1 ? 0 : 1);
const vertically = reshapedFirst(
  (s) => atLeast(2, s),
  () => 0,
);
export const hstack = defineAten("hstack(Tensor[] tensors) -> Tensor", {
  summary: "Side by side: along axis 1, vectors along axis 0.",
  ...reshapedFirst((s) => atLeast(1, s), horizontally),
});
export const vstack = defineAten("vstack(Tensor[] tensors) -> Tensor", {
  summary: "One above the other; vectors are rows.",
  ...vertically,
});
export const rowStack = defineAten("row_stack(Tensor[] tensors) -> Tensor", { summary: "`vstack`.", ...vertically });
export const dstack = defineAten("dstack(Tensor[] tensors) -> Tensor", {
  summary: "One behind the other, along axis 2.",
  ...reshapedFirst(
    (s) => atLeast(3, s),
    () => 2,
  ),
});
export const columnStack = defineAten("column_stack(Tensor[] tensors) -> Tensor", {
  summary: "Side by side; vectors are columns.",
  ...reshapedFirst(
    (s) => (s.length <= 1 ? [sizeOf(s), 1] : s),
    () => 1,
  ),
});

export const stack = defineAten("stack(Tensor[] tensors, int dim=0) -> Tensor", {
  summary: "Tensors of one shape along a new axis.",
  infer({ tensors }, { dim }) {
    const first = tensors[0] ?? invalid("expects at least one tensor");
    const axis = axisOf(dim, first.shape.length + 1);
    for (const t of tensors)
      if (
        t.shape.length !== first.shape.length ||
        t.shape.some((d, i) => isStatic(d) && isStatic(first.shape[i]!) && d !== first.shape[i])
      )
        invalid("tensors must have one shape");
    return tensor(resultDType(...tensors), first.shape.toSpliced(axis, 0, tensors.length));
  },
  evaluate({ tensors }, { dim }, [type]) {
    const shape: readonly number[] = tensors[0]!.type.shape;
    const axis = axisOf(dim, shape.length + 1);
    return concatenated(
      tensors.map((t) => reshaped(t, shape.toSpliced(axis, 0, 1))),
      axis,
      type!.dtype,
    );
  },
});

/** Each tensor padded to whole chunks along an axis, and each chunk flattened with what follows. */
function chunked(shape: readonly Dim[], dim: number, chunks: number): { readonly padded: Dim[]; readonly to: Dim[] } {
  const extent = shape[dim]!;
  const per = floorDivDim(addDim(extent, chunks - 1), chunks);
  const padded = shape.with(dim, mulDim(per, chunks));
  return { padded, to: [...shape.slice(0, dim), chunks, mulDim(per, sizeOf(shape.slice(dim + 1)))] };
}
export const chunkCat = defineAten("_chunk_cat(Tensor[] tensors, int dim, int num_chunks) -> Tensor", {
  summary: "Chunks of every tensor side by side: chunk `i` of the result is made of the `i`-th chunks.",
  infer({ tensors }, { dim, num_chunks }) {
    const rank = tensors[0]?.shape.length ?? invalid("expects at least one tensor");
    const axis = axisOf(dim, rank);
    if (num_chunks < 1) invalid(`num_chunks must be positive, got ${num_chunks}`);
    return joinedType(
      tensors.map((t) => tensor(t.dtype, chunked(t.shape, axis, num_chunks).to)),
      axis + 1,
    );
  },
  evaluate({ tensors }, { dim, num_chunks }, [type]) {
    const axis = axisOf(dim, tensors[0]!.type.shape.length);
    const parts = tensors.map((t) => {
      const { padded, to } = chunked(t.type.shape, axis, num_chunks) as { padded: number[]; to: number[] };
      const shape: readonly number[] = t.type.shape;
      const missing = padded[axis]! - shape[axis]!;
      const zeros = tensorData(
        t.type.dtype,
        shape.with(axis, missing),
        new Array<number>(countOf(shape.with(axis, missing))).fill(0),
      );
      return reshaped(missing > 0 ? concatenated([t, zeros], axis, t.type.dtype) : t, to);
    });
    return concatenated(parts, axis + 1, type!.dtype);
  },
});
