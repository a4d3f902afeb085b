import { addDim, type Dim, floorDivDim, invalid, isStatic, minDim, mulDim, showDim } from "@tflower/core";

/** `list` for `n` axes: ATen lets one number stand for all of them. */
export function perAxis<T>(list: readonly T[], n: number, what: string): readonly T[] {
  if (list.length === n) return list;
  return list.length === 1
    ? new Array<T>(n).fill(list[0]!)
    : invalid(`${what} has ${list.length} numbers for ${n} spatial axes`);
}

/** How windows slide along one axis. `before` and `after` count elements of padding. */
export interface Sliding {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly after: number;
}

/** Elements that a window spans, gaps included. */
export const spanOf = (s: Pick<Sliding, "kernel" | "dilation">): number => s.dilation * (s.kernel - 1) + 1;

/**
 * How many windows fit on an axis. With `ceil` a last one may stick out behind, if it begins inside the tensor or the padding
 * before it.
 */
export function windowCount(extent: Dim, s: Sliding, ceil = false): Dim {
  if (s.stride <= 0) invalid(`stride must be positive, got ${s.stride}`);
  if (s.dilation <= 0) invalid(`dilation must be positive, got ${s.dilation}`);
  const room = addDim(extent, s.before + s.after - spanOf(s));
  const fitting = addDim(floorDivDim(room, s.stride), 1);
  const beginning = addDim(floorDivDim(addDim(extent, s.before - 1), s.stride), 1);
  const count = ceil ? minDim(addDim(floorDivDim(addDim(room, s.stride - 1), s.stride), 1), beginning) : fitting;
  if (isStatic(count) && count < 1)
    invalid(
      `a window of ${spanOf(s)} does not fit on an axis of ${showDim(extent)} padded by ${s.before} and ${s.after}`,
    );
  return count;
}

/** For each window along an axis in turn, the elements it covers: pairs of the place in the window and the place in the tensor. */
export type Taps = readonly (readonly (readonly [place: number, element: number])[])[];

/** Windows that slide over a tensor; what lies in the padding is left out. */
export function slidingTaps(extent: number, count: number, s: Sliding): Taps {
  return Array.from({ length: count }, (_, o) =>
    Array.from({ length: s.kernel }, (_, k) => [k, o * s.stride + k * s.dilation - s.before] as const).filter(
      ([, i]) => i >= 0 && i < extent,
    ),
  );
}

/** The elements whose scattered windows meet at each place of the result of a transposed convolution. */
export function scatteredTaps(extent: number, count: number, s: Omit<Sliding, "after">): Taps {
  return Array.from({ length: count }, (_, o) =>
    Array.from({ length: s.kernel }, (_, k) => [k, (o + s.before - k * s.dilation) / s.stride] as const).filter(
      ([, i]) => Number.isInteger(i) && i >= 0 && i < extent,
    ),
  );
}

/** Bins of adaptive pooling: each from `floor(o * extent / count)` to before `ceil((o + 1) * extent / count)`. */
export function adaptiveTaps(extent: number, count: number): Taps {
  return Array.from({ length: count }, (_, o) => {
    const from = Math.floor((o * extent) / count);
    const to = Math.ceil(((o + 1) * extent) / count);
    return Array.from({ length: to - from }, (_, k) => [k, from + k] as const);
  });
}

/** Extent of a transposed convolution's result. */
export const scatteredExtent = (extent: Dim, s: Sliding, outputPadding: number): Dim =>
  addDim(mulDim(addDim(extent, -1), s.stride), spanOf(s) - s.before - s.after + outputPadding);
