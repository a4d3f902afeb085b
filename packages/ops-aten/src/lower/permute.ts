import { defineLowering, type Emit, isComplex, reject, type Value } from "@tflower/core";
import * as aten from "../dialect/permute.ts";
import { permuteBy } from "../emit/rearrange.ts";
import { axesOf, axisOf } from "../semantics/axes.ts";
import { movedAxes, swappedAxes } from "../semantics/permutations.ts";

interface Self {
  readonly self: Value;
}
const rankOf = (x: Value): number => x.type.shape.length;

const byDims = ({ self }: Self, { dims }: { readonly dims: readonly number[] }, emit: Emit): Value =>
  permuteBy(emit, self, axesOf(dims, rankOf(self)));
export const permute = defineLowering(aten.permute, byDims);
export const permuteCopy = defineLowering(aten.permuteCopy, byDims);

const byPair = ({ self }: Self, { dim0, dim1 }: { readonly dim0: number; readonly dim1: number }, emit: Emit): Value =>
  permuteBy(emit, self, swappedAxes(rankOf(self), dim0, dim1));
export const transposeInt = defineLowering(aten.transposeInt, byPair);
export const transposeCopyInt = defineLowering(aten.transposeCopyInt, byPair);
export const swapdims = defineLowering(aten.swapdims, byPair);
export const swapaxes = defineLowering(aten.swapaxes, ({ self }, { axis0, axis1 }, emit) =>
  byPair({ self }, { dim0: axis0, dim1: axis1 }, emit),
);

/** Axes in reverse order. */
const reversed = ({ self }: Self, _: unknown, emit: Emit): Value =>
  permuteBy(
    emit,
    self,
    self.type.shape.map((_, i) => rankOf(self) - 1 - i),
  );
export const t = defineLowering(aten.t, reversed);
export const tCopy = defineLowering(aten.tCopy, reversed);
export const numpyT = defineLowering(aten.numpyT, reversed);

const lastTwo = ({ self }: Self, _: unknown, emit: Emit): Value =>
  rankOf(self) < 2 ? self : byPair({ self }, { dim0: -2, dim1: -1 }, emit);
export const mT = defineLowering(aten.mT, lastTwo);
const adjoint = ({ self }: Self, _: unknown, emit: Emit) =>
  isComplex(self.type.dtype)
    ? reject("the conjugate of a complex tensor has no form here")
    : lastTwo({ self }, _, emit);
export const mH = defineLowering(aten.mH, adjoint);
export const adjointOp = defineLowering(aten.adjoint, adjoint);
export const matrixH = defineLowering(aten.matrixH, adjoint);

const moving = (
  { self }: Self,
  { source, destination }: { readonly source: number; readonly destination: number },
  emit: Emit,
): Value =>
  permuteBy(emit, self, movedAxes(rankOf(self), [axisOf(source, rankOf(self))], [axisOf(destination, rankOf(self))]));
const movingSome = (
  { self }: Self,
  { source, destination }: { readonly source: readonly number[]; readonly destination: readonly number[] },
  emit: Emit,
): Value =>
  permuteBy(emit, self, movedAxes(rankOf(self), axesOf(source, rankOf(self)), axesOf(destination, rankOf(self))));
export const movedimInt = defineLowering(aten.movedimInt, moving);
export const movedimIntlist = defineLowering(aten.movedimIntlist, movingSome);
export const moveaxisInt = defineLowering(aten.moveaxisInt, moving);
export const moveaxisIntlist = defineLowering(aten.moveaxisIntlist, movingSome);
