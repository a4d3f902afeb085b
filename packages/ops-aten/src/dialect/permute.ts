import { type Dim, invalid, isComplex, type TensorData, type TensorType, type Value, withShape } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import type { WriteBack } from "../schema/traits.ts";
import { axesOf, axisOf } from "../semantics/axes.ts";
import { inversePermutation, movedAxes, swappedAxes } from "../semantics/permutations.ts";
import { permuted } from "../semantics/views.ts";

/** What an op that permutes axes is, from the permutation it gives for a shape. */
function permuting<A>(permutation: (shape: readonly Dim[], attrs: A) => readonly number[]) {
  return {
    infer: ({ self }: { readonly self: TensorType }, attrs: A) =>
      withShape(
        self,
        permutation(self.shape, attrs).map((p) => self.shape[p]!),
      ),
    evaluate: ({ self }: { readonly self: TensorData }, attrs: A) =>
      permuted(self, permutation(self.type.shape, attrs)),
    traits: {
      writeBack: ({ base, attrs, written, emit }: WriteBack): Value =>
        emit(permute, { self: written }, { dims: inversePermutation(permutation(base.type.shape, attrs as A)) }),
    },
  };
}
const copying = <T extends { readonly traits: object }>({ traits: _, ...rest }: T): Omit<T, "traits"> => rest;

const byDims = permuting((shape, { dims }: { readonly dims: readonly number[] }) => {
  const axes = axesOf(dims, shape.length);
  return axes.length === shape.length ? axes : invalid(`dims has ${dims.length} axes, the input ${shape.length}`);
});
export const permute = defineAten("permute(Tensor(a) self, int[] dims) -> Tensor(a)", {
  summary: "Permutes axes.",
  ...byDims,
});
export const permuteCopy = defineAten("permute_copy(Tensor self, int[] dims) -> Tensor", {
  summary: "`permute` that copies.",
  ...copying(byDims),
});

const byPair = permuting((shape, { dim0, dim1 }: { readonly dim0: number; readonly dim1: number }) =>
  swappedAxes(shape.length, dim0, dim1),
);
export const transposeInt = defineAten("transpose.int(Tensor(a) self, int dim0, int dim1) -> Tensor(a)", {
  summary: "Swaps two axes.",
  ...byPair,
});
export const transposeCopyInt = defineAten("transpose_copy.int(Tensor self, int dim0, int dim1) -> Tensor", {
  summary: "`transpose` that copies.",
  ...copying(byPair),
});
export const swapdims = defineAten("swapdims(Tensor(a) self, int dim0, int dim1) -> Tensor(a)", {
  summary: "Swaps two axes.",
  ...byPair,
});
export const swapaxes = defineAten("swapaxes(Tensor(a) self, int axis0, int axis1) -> Tensor(a)", {
  summary: "Swaps two axes.",
  ...permuting((shape, { axis0, axis1 }: { readonly axis0: number; readonly axis1: number }) =>
    swappedAxes(shape.length, axis0, axis1),
  ),
});

const ofMatrix = permuting((shape) =>
  shape.length > 2 ? invalid(`expects at most 2 axes, got ${shape.length}`) : shape.map((_, i) => shape.length - 1 - i),
);
export const t = defineAten("t(Tensor(a) self) -> Tensor(a)", {
  summary: "Transposes a matrix; vectors and scalars stay.",
  ...ofMatrix,
});
export const tCopy = defineAten("t_copy(Tensor self) -> Tensor", { summary: "`t` that copies.", ...copying(ofMatrix) });
export const numpyT = defineAten("numpy_T(Tensor(a) self) -> Tensor(a)", {
  summary: "Reverses the order of axes.",
  ...permuting((shape) => shape.map((_, i) => shape.length - 1 - i)),
});

/** Swaps the last two axes. */
const lastTwo = permuting((shape) =>
  shape.length === 0
    ? []
    : shape.length === 1
      ? invalid("expects at least 2 axes, got 1")
      : swappedAxes(shape.length, -2, -1),
);
export const mT = defineAten("mT(Tensor(a) self) -> Tensor(a)", {
  summary: "Transposes the matrices in the last two axes.",
  ...lastTwo,
});

const moving = permuting((shape, { source, destination }: { readonly source: number; readonly destination: number }) =>
  movedAxes(shape.length, [axisOf(source, shape.length)], [axisOf(destination, shape.length)]),
);
const movingSome = permuting(
  (shape, { source, destination }: { readonly source: readonly number[]; readonly destination: readonly number[] }) =>
    source.length === destination.length
      ? movedAxes(shape.length, axesOf(source, shape.length), axesOf(destination, shape.length))
      : invalid(`source has ${source.length} axes, destination ${destination.length}`),
);
export const movedimInt = defineAten("movedim.int(Tensor(a) self, int source, int destination) -> Tensor(a)", {
  summary: "Moves an axis.",
  ...moving,
});
export const movedimIntlist = defineAten(
  "movedim.intlist(Tensor(a) self, int[] source, int[] destination) -> Tensor(a)",
  {
    summary: "Moves axes.",
    ...movingSome,
  },
);
export const moveaxisInt = defineAten("moveaxis.int(Tensor(a) self, int source, int destination) -> Tensor(a)", {
  summary: "Moves an axis.",
  ...moving,
});
export const moveaxisIntlist = defineAten(
  "moveaxis.intlist(Tensor(a) self, int[] source, int[] destination) -> Tensor(a)",
  {
    summary: "Moves axes.",
    ...movingSome,
  },
);

/** {@link lastTwo}, complex elements conjugated. Not written through: a write would have to conjugate back. */
const adjointing = {
  infer: lastTwo.infer,
  evaluate({ self }: { readonly self: TensorData }): TensorData {
    const out = lastTwo.evaluate({ self }, {});
    if (isComplex(out.type.dtype)) for (let i = 1; i < out.data.length; i += 2) out.data[i] = -(out.data[i] as number);
    return out;
  },
};
export const mH = defineAten("mH(Tensor(a) self) -> Tensor(a)", {
  summary: "Conjugate transpose of the matrices in the last two axes.",
  ...adjointing,
});
export const adjoint = defineAten("adjoint(Tensor(a) self) -> Tensor(a)", {
  summary: "Conjugate transpose of the matrices in the last two axes.",
  ...adjointing,
});
export const matrixH = defineAten("matrix_H(Tensor(a) self) -> Tensor(a)", {
  summary: "Conjugate transpose of a matrix.",
  ...adjointing,
});
