import { tfl } from "@tflower/backend-tflite";
import {
  addDim,
  countOf,
  type Dim,
  defineLowering,
  type Emit,
  i32Data,
  isStatic,
  isStaticShape,
  mulDim,
  type Rejection,
  reject,
  rowMajorStrides,
  type Value,
} from "@tflower/core";
import * as aten from "../dialect/scatter-views.ts";
import { castTo, concatAxis, flatten, reshapeTo, sliceAxis } from "../emit/rearrange.ts";
import { axisOf } from "../semantics/axes.ts";
import { diagonalOf } from "../semantics/diagonals.ts";
import { sliceRange, wrapIndex } from "../semantics/slicing.ts";
import { stridedPlaces } from "../semantics/strides.ts";

/** `self` with `src` in place of as many places of an axis, from `start`. */
function replaceRange(emit: Emit, self: Value, src: Value, axis: number, start: Dim): Value {
  const extent = self.type.shape[axis]!;
  const count = src.type.shape[axis]!;
  const end = addDim(start, count);
  return concatAxis(
    emit,
    [sliceAxis(emit, self, axis, 0, start), src, sliceAxis(emit, self, axis, end, addDim(extent, mulDim(end, -1)))],
    axis,
  );
}
/** `self` with place `places[i]` of an axis replaced by place `i` of `src`; of several for one place the last stays. */
function replacePlaces(
  emit: Emit,
  self: Value,
  src: Value,
  axis: number,
  extent: number,
  places: readonly number[],
): Value {
  const from = Array.from({ length: extent }, (_, i) => i);
  places.forEach((p, i) => {
    from[p] = extent + i;
  });
  return emit(
    tfl.gather,
    { params: concatAxis(emit, [self, src], axis), indices: emit.constant(i32Data(from)) },
    { axis },
  );
}
const likeSelf = (emit: Emit, self: Value, src: Value): Value => castTo(emit, src, self.type.dtype);

export const selectScatter = defineLowering(aten.selectScatter, ({ self, src }, { dim, index }, emit) => {
  const shape = self.type.shape;
  const axis = axisOf(dim, shape.length);
  return replaceRange(
    emit,
    self,
    reshapeTo(emit, likeSelf(emit, self, src), shape.with(axis, 1)),
    axis,
    wrapIndex(index, shape[axis]!),
  );
});

export const sliceScatter = defineLowering(aten.sliceScatter, ({ self, src }, { dim, start, end, step }, emit) => {
  const shape = self.type.shape;
  const axis = axisOf(dim, shape.length);
  const extent = shape[axis]!;
  const range = sliceRange(extent, start, end, step);
  if (range.count === 0) return self;
  const written = likeSelf(emit, self, src);
  if (range.step === 1) return replaceRange(emit, self, written, axis, range.start);
  if (!isStatic(extent) || !isStatic(range.start) || !isStatic(range.count))
    return reject("needs static extents where the step is not 1");
  const from = range.start;
  return replacePlaces(
    emit,
    self,
    written,
    axis,
    extent,
    Array.from({ length: range.count }, (_, i) => from + i * range.step),
  );
});

/** Elements of `self` that strides and an offset select, replaced by those of `src`. */
function replaceStrided(
  emit: Emit,
  self: Value,
  src: Value,
  size: readonly Dim[],
  stride: readonly Dim[],
  offset: Dim,
): Value | Rejection {
  const shape = self.type.shape;
  if (!isStaticShape(shape) || !isStaticShape(size) || !isStaticShape(stride) || !isStatic(offset))
    return reject("needs static extents");
  if (countOf(size) === 0) return self;
  const places = stridedPlaces(size, stride, offset);
  return reshapeTo(
    emit,
    replacePlaces(emit, flatten(emit, self), flatten(emit, likeSelf(emit, self, src)), 0, countOf(shape), places),
    shape,
  );
}
export const diagonalScatter = defineLowering(aten.diagonalScatter, ({ self, src }, { offset, dim1, dim2 }, emit) => {
  const shape = self.type.shape;
  const d = diagonalOf(shape, offset, dim1, dim2);
  if (!isStaticShape(shape)) return reject("needs static extents");
  const s = rowMajorStrides(shape);
  return replaceStrided(
    emit,
    self,
    src,
    d.shape,
    [...d.rest.map((a) => s[a]!), s[d.axis1]! + s[d.axis2]!],
    d.skip1 * s[d.axis1]! + d.skip2 * s[d.axis2]!,
  );
});
export const asStridedScatter = defineLowering(
  aten.asStridedScatter,
  ({ self, src }, { size, stride, storage_offset }, emit) =>
    replaceStrided(emit, self, src, size, stride, storage_offset ?? 0),
);
