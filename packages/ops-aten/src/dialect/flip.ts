import {
  type Dim,
  invalid,
  rowMajorStrides,
  staticShape,
  type TensorData,
  type TensorType,
  withShape,
} from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { axesOf, axisOf } from "../semantics/axes.ts";
import { concatenated } from "../semantics/concatenate.ts";
import { swappedAxes } from "../semantics/permutations.ts";
import { permuted, reshaped, slicedAlong, strided } from "../semantics/views.ts";

function flipped(x: TensorData, axes: readonly number[]): TensorData {
  const shape: readonly number[] = x.type.shape;
  const s = rowMajorStrides(shape);
  const offset = axes.reduce((at, a) => at + (shape[a]! - 1) * s[a]!, 0);
  return strided(
    x,
    shape,
    s.map((v, i) => (axes.includes(i) ? -v : v)),
    offset,
  );
}
const needRank = (self: TensorType, least: number): TensorType =>
  self.shape.length < least ? invalid(`expects at least ${least} axes, got ${self.shape.length}`) : self;

export const flip = defineAten("flip(Tensor self, int[] dims) -> Tensor", {
  summary: "Reverses axes.",
  infer({ self }, { dims }) {
    axesOf(dims, self.shape.length);
    return self;
  },
  evaluate: ({ self }, { dims }) =>
    self.type.shape.length === 0 ? self : flipped(self, axesOf(dims, self.type.shape.length)),
});
export const fliplr = defineAten("fliplr(Tensor self) -> Tensor", {
  summary: "Reverses axis 1.",
  infer: ({ self }) => needRank(self, 2),
  evaluate: ({ self }) => flipped(self, [1]),
});
export const flipud = defineAten("flipud(Tensor self) -> Tensor", {
  summary: "Reverses axis 0.",
  infer: ({ self }) => needRank(self, 1),
  evaluate: ({ self }) => flipped(self, [0]),
});

export const rot90 = defineAten("rot90(Tensor self, int k=1, int[] dims=[0,1]) -> Tensor", {
  summary: "Turns the plane of two axes by quarters.",
  infer({ self }, { k, dims }) {
    const [a, b] = axesOf(dims, self.shape.length);
    if (a === undefined || b === undefined || dims.length !== 2) return invalid(`expects two dims, got ${dims.length}`);
    return k % 2 === 0
      ? self
      : withShape(
          self,
          swappedAxes(self.shape.length, a, b).map((p) => self.shape[p]!),
        );
  },
  evaluate({ self }, { k, dims }) {
    const rank = self.type.shape.length;
    const [a, b] = axesOf(dims, rank) as [number, number];
    const turns = ((k % 4) + 4) % 4;
    if (turns === 0) return self;
    if (turns === 2) return flipped(self, [a, b]);
    return turns === 1
      ? permuted(flipped(self, [b]), swappedAxes(rank, a, b))
      : flipped(permuted(self, swappedAxes(rank, a, b)), [b]);
  },
});

/** What was at place `i` of `axis` is at `i + shift`, round the end. */
function rolled(x: TensorData, axis: number, shift: number): TensorData {
  const extent = x.type.shape[axis]!;
  if (extent === 0) return x;
  const cut = (((-shift % extent) + extent) % extent) as number;
  return cut === 0
    ? x
    : concatenated([slicedAlong(x, axis, cut, extent - cut), slicedAlong(x, axis, 0, cut)], axis, x.type.dtype);
}
export const roll = defineAten("roll(Tensor self, SymInt[1] shifts, int[1] dims=[]) -> Tensor", {
  summary: "Shifts axes, what leaves at the end comes in at the start; without dims, all elements as one axis.",
  infer({ self }, { shifts, dims }) {
    if (dims.length === 0 ? shifts.length !== 1 : shifts.length !== dims.length)
      invalid(`shifts has ${shifts.length} numbers, dims ${dims.length}`);
    for (const d of dims) axisOf(d, self.shape.length);
    return self;
  },
  evaluate({ self }, { shifts, dims }) {
    const by = staticShape(shifts);
    const shape: readonly number[] = self.type.shape;
    if (shape.length === 0) return self;
    if (dims.length === 0)
      return reshaped(rolled(reshaped(self, [shape.reduce((n, d) => n * d, 1)]), 0, by[0]!), shape);
    return dims.reduce((x, d, i) => rolled(x, axisOf(d, shape.length), by[i]!), self);
  },
});

interface ShiftAttrs {
  readonly dim: readonly number[] | undefined;
}
const shifting = (by: (extent: number) => number) => ({
  infer({ self }: { readonly self: TensorType }, { dim }: ShiftAttrs): TensorType {
    if (dim) axesOf(dim, self.shape.length);
    return self;
  },
  evaluate({ self }: { readonly self: TensorData }, { dim }: ShiftAttrs): TensorData {
    const shape: readonly number[] = self.type.shape;
    const axes = dim ? axesOf(dim, shape.length) : shape.map((_: Dim, i) => i);
    return shape.length === 0 ? self : axes.reduce((x, a) => rolled(x, a, by(shape[a]!)), self);
  },
});
export const fftFftshift = defineAten("fft_fftshift(Tensor self, int[1]? dim=None) -> Tensor", {
  summary: "Moves the zero frequency to the middle of each axis.",
  ...shifting((n) => Math.floor(n / 2)),
});
export const fftIfftshift = defineAten("fft_ifftshift(Tensor self, int[1]? dim=None) -> Tensor", {
  summary: "Undoes `fft_fftshift`.",
  ...shifting((n) => Math.floor((n + 1) / 2)),
});
