import { type Dim, invalid, showDim, type TensorData } from "@tflower/core";
import type { Permuted } from "../dialect/define-tfl.ts";

/** `axis` counted from the front. */
export function axisOf(axis: number, rank: number): number {
  const at = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(at) || at < 0 || at >= Math.max(rank, 1))
    invalid(`axis ${axis} does not exist in ${rank} axes`);
  return at;
}

/** `axes` counted from the front, each once, in order. */
export const axesOf = (axes: readonly number[], rank: number): number[] =>
  [...new Set(axes.map((a) => axisOf(a, rank)))].sort((a, b) => a - b);

/** A list by axis of a transposed tensor, for the axes of the tensor itself. */
export function unpermute<T>(list: readonly T[], perm: readonly number[]): T[] {
  const out: T[] = new Array(perm.length);
  perm.forEach((p, i) => {
    out[p] = list[i]!;
  });
  return out;
}

/** Bits by axis of a transposed tensor, for the axes of the tensor itself. */
export const unpermuteMask = (mask: number, perm: readonly number[]): number =>
  perm.reduce((out, p, i) => out | (((mask >> i) & 1) << p), 0);

/** The permutation that `perm` leaves on a result that lacks the transposed tensor's `axes`. */
export function dropAxes(perm: readonly number[], axes: readonly number[]): number[] {
  const left = perm.filter((_, i) => !axes.includes(i));
  const order = [...left].sort((a, b) => a - b);
  return left.map((p) => order.indexOf(p));
}

/** Of an op with one `axis` that its result keeps. */
export const permutedAlong = (
  attrs: Readonly<Record<string, unknown>>,
  perm: readonly number[],
  name = "axis",
): Permuted => ({
  attrs: { ...attrs, [name]: perm[axisOf(attrs[name] as number, perm.length)] },
  perm,
});

/** Of an op that works along the last axis: it must stay the last. */
export const permutedBeforeLast = (
  attrs: Readonly<Record<string, unknown>>,
  perm: readonly number[],
): Permuted | undefined => (perm.at(-1) === perm.length - 1 ? { attrs, perm } : undefined);

export const showShape = (shape: readonly Dim[]): string => `[${shape.map(showDim).join(",")}]`;

/** Extents of a tensor in memory, as plain numbers. */
export const extentsOf = (x: TensorData): readonly number[] => x.type.shape;
