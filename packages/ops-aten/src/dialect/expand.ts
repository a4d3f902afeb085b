import {
  broadcastShapes,
  countOf,
  type Dim,
  invalid,
  mulDim,
  rowMajorStrides,
  sameDim,
  showDim,
  sizeOf,
  staticShape,
  type TensorData,
  type TensorType,
  tensor,
  type Value,
  withShape,
} from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import type { OpApplication, WriteBack } from "../schema/traits.ts";
import { concatenated } from "../semantics/concatenate.ts";
import { swappedAxes } from "../semantics/permutations.ts";
import { broadcasted, permuted, reshaped, strided } from "../semantics/views.ts";
import { viewCopy } from "./reshape.ts";

/** `size` with -1 meaning the extent that is there. */
function expandedShape(shape: readonly Dim[], size: readonly Dim[]): Dim[] {
  const pad = size.length - shape.length;
  if (pad < 0) invalid(`cannot expand ${shape.length} axes to ${size.length}`);
  return size.map((d, i) => {
    const have = shape[i - pad];
    if (d === -1) return have ?? invalid(`axis ${i} is new, so its extent cannot be -1`);
    if (have === undefined || have === 1 || sameDim(have, d) || typeof have !== "number" || typeof d !== "number")
      return d;
    return invalid(`cannot expand axis ${i} of extent ${have} to ${showDim(d)}`);
  });
}
/** Only what repeats nothing can be written: PyTorch refuses the rest. */
const writeBack = ({ base, written, emit }: WriteBack): Value | undefined =>
  sameDim(sizeOf(base.type.shape), sizeOf(written.type.shape))
    ? emit(viewCopy, { self: written }, { size: base.type.shape })
    : undefined;
const traits = { writeBack };
const expanding = {
  infer: ({ self }: { readonly self: TensorType }, { size }: { readonly size: readonly Dim[] }) =>
    withShape(self, expandedShape(self.shape, size)),
  evaluate: (
    { self }: { readonly self: TensorData },
    { size }: { readonly size: readonly Dim[] },
    [type]: readonly TensorType[],
  ) =>
    broadcasted(
      self,
      expandedShape(self.type.shape, size.every((d) => typeof d === "number") ? size : type!.shape) as number[],
    ),
};
export const expand = defineAten("expand(Tensor(a) self, SymInt[] size, *, bool implicit=False) -> Tensor(a)", {
  summary: "Repeats axes of extent 1; -1 keeps an extent.",
  traits,
  ...expanding,
});
export const expandCopy = defineAten("expand_copy(Tensor self, SymInt[] size, *, bool implicit=False) -> Tensor", {
  summary: "`expand` that copies.",
  ...expanding,
});
export const broadcastTo = defineAten("broadcast_to(Tensor(a) self, SymInt[] size) -> Tensor(a)", {
  summary: "`expand`.",
  traits,
  ...expanding,
});
export const expandAs = defineAten("expand_as(Tensor(a) self, Tensor other) -> Tensor(a)", {
  summary: "`expand` to the shape of another tensor.",
  traits,
  infer: ({ self, other }) => withShape(self, expandedShape(self.shape, other.shape)),
  evaluate: ({ self, other }) => broadcasted(self, other.type.shape),
});
export const broadcastTensors = defineAten("broadcast_tensors(Tensor[] tensors) -> Tensor[]", {
  summary: "All tensors expanded to the shape they broadcast to.",
  traits: { writeBack, view: { operand: "tensors" } },
  infer({ tensors }) {
    const shape = broadcastShapes(...tensors.map((t) => t.shape));
    return tensors.map((t) => withShape(t, shape));
  },
  evaluate({ tensors }) {
    const shape = staticShape(broadcastShapes(...tensors.map((t) => t.type.shape)));
    return tensors.map((t) => broadcasted(t, shape));
  },
});

/** Extents of the input, with ones in front, and repeats, aligned at the last axis. */
function aligned(
  shape: readonly Dim[],
  repeats: readonly Dim[],
): { readonly shape: readonly Dim[]; readonly repeats: readonly Dim[] } {
  const ones = (n: number): Dim[] => new Array<Dim>(Math.max(n, 0)).fill(1);
  return {
    shape: [...ones(repeats.length - shape.length), ...shape],
    repeats: [...ones(shape.length - repeats.length), ...repeats],
  };
}
function tiled(x: TensorData, repeats: readonly number[]): TensorData {
  const a = aligned(x.type.shape, repeats);
  const [shape, times] = [a.shape as number[], a.repeats as number[]];
  const strides = rowMajorStrides(shape);
  const out = strided(
    x,
    shape.flatMap((d, i) => [times[i]!, d]),
    strides.flatMap((s) => [0, s]),
  );
  return reshaped(
    out,
    shape.map((d, i) => d * times[i]!),
  );
}
const tiledType = (self: TensorType, repeats: readonly Dim[]): TensorType => {
  const a = aligned(self.shape, repeats);
  return withShape(
    self,
    a.shape.map((d, i) => mulDim(d, a.repeats[i]!)),
  );
};
export const repeat = defineAten("repeat(Tensor self, SymInt[] repeats) -> Tensor", {
  summary: "The tensor over and over along each axis.",
  infer: ({ self }, { repeats }) =>
    repeats.length < self.shape.length
      ? invalid(`repeats has ${repeats.length} numbers for ${self.shape.length} axes`)
      : tiledType(self, repeats),
  evaluate: ({ self }, { repeats }) => tiled(self, staticShape(repeats)),
});
export const tile = defineAten("tile(Tensor self, SymInt[] dims) -> Tensor", {
  summary: "`repeat` that may have fewer numbers than the tensor has axes.",
  infer: ({ self }, { dims }) => tiledType(self, dims),
  evaluate: ({ self }, { dims }) => tiled(self, staticShape(dims)),
});

/** Result shape of a grid, and which axis of it each operand varies along. */
function grid(
  tensors: readonly (readonly Dim[])[],
  indexing: string,
): { readonly shape: Dim[]; readonly swap: boolean } {
  for (const t of tensors) if (t.length > 1) invalid(`expects scalars and vectors, got rank ${t.length}`);
  if (indexing !== "ij" && indexing !== "xy") invalid(`indexing must be "ij" or "xy", got "${indexing}"`);
  const shape = tensors.map((t) => t[0] ?? 1);
  const swap = indexing === "xy" && shape.length >= 2;
  if (swap) [shape[0], shape[1]] = [shape[1]!, shape[0]!];
  return { shape, swap };
}
const gridding = {
  infer(
    { tensors }: { readonly tensors: readonly TensorType[] },
    { indexing = "ij" }: { readonly indexing?: string } = {},
  ) {
    const { shape } = grid(
      tensors.map((t) => t.shape),
      indexing,
    );
    return tensors.map((t) => withShape(t, shape));
  },
  evaluate(
    { tensors }: { readonly tensors: readonly TensorData[] },
    { indexing = "ij" }: { readonly indexing?: string } = {},
  ) {
    const { shape, swap } = grid(
      tensors.map((t) => t.type.shape),
      indexing,
    );
    const ij = swap ? [shape[1]!, shape[0]!, ...shape.slice(2)] : shape;
    return tensors.map((t, k) => {
      const whole = broadcasted(reshaped(t, ij.map((d, i) => (i === k ? d : 1)) as number[]), ij as number[]);
      return swap ? permuted(whole, swappedAxes(ij.length, 0, 1)) : whole;
    });
  },
};
export const meshgrid = defineAten("meshgrid(Tensor[] tensors) -> Tensor[]", {
  summary: "Coordinates of a grid, one tensor for each axis.",
  traits: { view: { operand: "tensors" } },
  ...gridding,
});
export const meshgridIndexing = defineAten("meshgrid.indexing(Tensor[] tensors, *, str indexing) -> Tensor[]", {
  summary: "Coordinates of a grid; `xy` swaps the first two axes.",
  traits: { view: { operand: "tensors" } },
  ...gridding,
});

export const cartesianProd = defineAten("cartesian_prod(Tensor[] tensors) -> Tensor", {
  summary: "All combinations of elements, one for each row.",
  traits: {
    view: { operand: "tensors" },
    sharesMemory: ({ types }: OpApplication) => (types["tensors"] as readonly TensorType[]).length === 1,
    writeBack: ({ written }: WriteBack) => written,
  },
  infer({ tensors }) {
    for (const t of tensors) if (t.shape.length !== 1) invalid(`expects vectors, got rank ${t.shape.length}`);
    const rows = sizeOf(tensors.map((t) => t.shape[0]!));
    return tensor(tensors[0]!.dtype, tensors.length === 1 ? [rows] : [rows, tensors.length]);
  },
  evaluate({ tensors }) {
    if (tensors.length === 1) return tensors[0]!;
    const columns = gridding.evaluate({ tensors }).map((g) => reshaped(g, [countOf(g.type.shape), 1]));
    return concatenated(columns, 1, tensors[0]!.type.dtype);
  },
});
