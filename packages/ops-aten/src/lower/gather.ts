import {
  broadcastShapes,
  type Dim,
  defineLowering,
  type Emit,
  type Rejection,
  sameDim,
  sizeOf,
  type Value,
} from "@tflower/core";
import * as aten from "../dialect/gather.ts";
import { takeAlong, wrapNegative } from "../emit/indices.ts";
import { placesAlong, takePlaces } from "../emit/places.ts";
import { broadcastTo, flatten, permuteBy, reshapeTo, sliceAxis } from "../emit/rearrange.ts";
import { pickAlongLast } from "../emit/sort.ts";
import { axisOf } from "../semantics/axes.ts";
import { axisToLast, inversePermutation } from "../semantics/permutations.ts";

/** `x` cut down to the extents of `shape`, but for one axis. */
const cutTo = (emit: Emit, x: Value, shape: readonly Dim[], axis: number): Value =>
  shape.reduce<Value>((y, d, i) => (i === axis ? y : sliceAxis(emit, y, i, 0, d)), x);

function gathered(emit: Emit, self: Value, dim: number, index: Value): Value | Rejection {
  const to = index.type.shape;
  if (sizeOf(to) === 0) return reshapeTo(emit, sliceAxis(emit, flatten(emit, self), 0, 0, 0), to);
  const x = self.type.shape.length ? self : reshapeTo(emit, self, [1]);
  const at = to.length ? index : reshapeTo(emit, index, [1]);
  const shape = x.type.shape;
  const axis = axisOf(dim, shape.length);
  const last = shape.length - 1;
  const fits = at.type.shape.every((d, i) => i === axis || sameDim(d, shape[i]!));
  if (axis === last && fits) return reshapeTo(emit, pickAlongLast(emit, x, at), to);
  const places = placesAlong(emit, at, shape, axis);
  if (places) return reshapeTo(emit, takePlaces(emit, x, places), to);
  // with symbolic extents the axis goes last, where the kernel pairs all others
  const perm = axisToLast(shape.length, axis);
  const [from, along] = [cutTo(emit, x, at.type.shape, axis), at].map((v) => permuteBy(emit, v, perm)) as [
    Value,
    Value,
  ];
  return reshapeTo(emit, permuteBy(emit, pickAlongLast(emit, from, along), inversePermutation(perm)), to);
}
export const gather = defineLowering(aten.gather, ({ self, index }, { dim }, emit) => gathered(emit, self, dim, index));

export const take = defineLowering(aten.take, ({ self, index }, _, emit) =>
  takePlaces(emit, self, wrapNegative(emit, index, sizeOf(self.type.shape))),
);

export const takeAlongDim = defineLowering(aten.takeAlongDim, ({ self, indices }, { dim }, emit) => {
  if (dim === undefined) return gathered(emit, flatten(emit, self), 0, flatten(emit, indices));
  const axis = axisOf(dim, self.type.shape.length);
  const both = broadcastShapes(self.type.shape.with(axis, 1), indices.type.shape.with(axis, 1));
  const to = (x: Value): Value => broadcastTo(emit, x, both.with(axis, x.type.shape[axis]!));
  return gathered(emit, to(self), axis, to(wrapNegative(emit, indices, self.type.shape[axis]!)));
});

export const indexSelect = defineLowering(aten.indexSelect, ({ self, index }, { dim }, emit) => {
  if (self.type.shape.length === 0) return self;
  const places = index.type.shape.length ? index : reshapeTo(emit, index, [1]);
  return takeAlong(emit, self, places, axisOf(dim, self.type.shape.length));
});
