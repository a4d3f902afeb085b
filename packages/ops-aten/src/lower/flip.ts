import { tfl } from "@tflower/backend-tflite";
import {
  addDim,
  type Dim,
  defineLowering,
  type Emit,
  floorDivDim,
  modDim,
  mulDim,
  sizeOf,
  type Value,
} from "@tflower/core";
import * as aten from "../dialect/flip.ts";
import { concatAxis, flatten, permuteBy, reshapeTo, sliceAxis } from "../emit/rearrange.ts";
import { axesOf, axisOf } from "../semantics/axes.ts";
import { swappedAxes } from "../semantics/permutations.ts";

/** `x` with axes reversed; the kernel takes neighbouring axes only. */
function reversed(emit: Emit, x: Value, axes: readonly number[]): Value {
  if (sizeOf(x.type.shape) === 0) return x;
  const runs: number[][] = [];
  for (const a of axes.toSorted((p, q) => p - q)) {
    if (x.type.shape[a] === 1) continue;
    const run = runs.at(-1);
    if (run?.at(-1) === a - 1) run.push(a);
    else runs.push([a]);
  }
  return runs.reduce((y, run) => emit(tfl.reverseV2, { input: y }, { axes: run }), x);
}
export const flip = defineLowering(aten.flip, ({ self }, { dims }, emit) =>
  self.type.shape.length === 0 ? self : reversed(emit, self, axesOf(dims, self.type.shape.length)),
);
export const fliplr = defineLowering(aten.fliplr, ({ self }, _, emit) => reversed(emit, self, [1]));
export const flipud = defineLowering(aten.flipud, ({ self }, _, emit) => reversed(emit, self, [0]));

export const rot90 = defineLowering(aten.rot90, ({ self }, { k, dims }, emit) => {
  const rank = self.type.shape.length;
  const [a, b] = axesOf(dims, rank) as [number, number];
  const swap = swappedAxes(rank, a, b);
  switch (((k % 4) + 4) % 4) {
    case 1:
      return permuteBy(emit, reversed(emit, self, [b]), swap);
    case 2:
      return reversed(emit, self, [a, b]);
    case 3:
      return reversed(emit, permuteBy(emit, self, swap), [b]);
    default:
      return self;
  }
});

/** `x` with an axis shifted by `shift` places, round the end. */
function rolled(emit: Emit, x: Value, axis: number, shift: Dim): Value {
  const extent = x.type.shape[axis]!;
  if (extent === 0 || extent === 1) return x;
  const cut = modDim(mulDim(shift, -1), extent);
  if (cut === 0) return x;
  return concatAxis(
    emit,
    [sliceAxis(emit, x, axis, cut, addDim(extent, mulDim(cut, -1))), sliceAxis(emit, x, axis, 0, cut)],
    axis,
  );
}
export const roll = defineLowering(aten.roll, ({ self }, { shifts, dims }, emit) => {
  const rank = self.type.shape.length;
  if (rank === 0 || sizeOf(self.type.shape) === 0) return self;
  if (dims.length === 0) return reshapeTo(emit, rolled(emit, flatten(emit, self), 0, shifts[0]!), self.type.shape);
  return dims.reduce((x, d, i) => rolled(emit, x, axisOf(d, rank), shifts[i]!), self);
});

const shifting =
  (by: (extent: Dim) => Dim) =>
  ({ self }: { readonly self: Value }, { dim }: { readonly dim: readonly number[] | undefined }, emit: Emit): Value => {
    const shape = self.type.shape;
    const axes = dim ? axesOf(dim, shape.length) : shape.map((_, i) => i);
    return shape.length === 0 ? self : axes.reduce((x, a) => rolled(emit, x, a, by(shape[a]!)), self);
  };
export const fftFftshift = defineLowering(
  aten.fftFftshift,
  shifting((n) => floorDivDim(n, 2)),
);
export const fftIfftshift = defineLowering(
  aten.fftIfftshift,
  shifting((n) => floorDivDim(addDim(n, 1), 2)),
);
