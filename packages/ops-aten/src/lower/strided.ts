import { tfl } from "@tflower/backend-tflite";
import {
  addDim,
  type Dim,
  defineLowering,
  type Emit,
  i32Data,
  isStatic,
  isStaticShape,
  mulDim,
  type Node,
  reject,
  sizeOf,
  type Value,
} from "@tflower/core";
import * as aten from "../dialect/strided.ts";
import { concatAxis, flatten, permuteBy, reshapeTo, sliceAxis } from "../emit/rearrange.ts";
import { axisOf } from "../semantics/axes.ts";
import { movedAxes } from "../semantics/permutations.ts";
import { stridedPlaces } from "../semantics/strides.ts";

interface StridedAttrs {
  readonly size: readonly Dim[];
  readonly stride: readonly Dim[];
  readonly storage_offset: Dim | undefined;
}
const asStridedForm = (
  { self }: { readonly self: Value },
  { size, stride, storage_offset = 0 }: StridedAttrs,
  emit: Emit,
) => {
  if (!isStaticShape(size) || !isStaticShape(stride) || !isStatic(storage_offset))
    return reject("needs a static size, stride and offset");
  const places = stridedPlaces(size, stride, storage_offset);
  const from = places[0] ?? 0;
  const all = flatten(emit, self);
  const taken = places.every((p, i) => p === from + i)
    ? sliceAxis(emit, all, 0, from, places.length)
    : emit(tfl.gather, { params: all, indices: emit.constant(i32Data(places)) }, { axis: 0 });
  return reshapeTo(emit, taken, size);
};
export const asStrided = defineLowering(aten.asStrided, asStridedForm);
export const asStridedCopy = defineLowering(aten.asStridedCopy, asStridedForm);

interface UnfoldAttrs {
  readonly dimension: number;
  readonly size: number;
  readonly step: number;
}
const unfolding = (
  { self }: { readonly self: Value },
  { dimension, size, step }: UnfoldAttrs,
  emit: Emit,
  node: Node<any>,
) => {
  const shape = self.type.shape;
  if (shape.length === 0) return sliceAxis(emit, reshapeTo(emit, self, [1]), 0, 0, size);
  const axis = axisOf(dimension, shape.length);
  const count = node.results[0]!.type.shape[axis]!;
  const apart = shape.toSpliced(axis, 1, count, size);
  const toLast = movedAxes(apart.length, [axis + 1], [apart.length - 1]);
  // windows that do not overlap are cut out by a reshape
  if (size === step)
    return permuteBy(emit, reshapeTo(emit, sliceAxis(emit, self, axis, 0, mulDim(count, size)), apart), toLast);
  if (isStatic(count)) {
    const places = Array.from({ length: count * size }, (_, i) => Math.floor(i / size) * step + (i % size));
    return permuteBy(
      emit,
      reshapeTo(emit, emit(tfl.gather, { params: self, indices: emit.constant(i32Data(places)) }, { axis }), apart),
      toLast,
    );
  }
  const others = shape.reduce<number>((mask, _, i) => (i === axis ? mask : mask | (1 << i)), 0);
  const only = (v: Dim, rest: number): Dim[] => shape.map((_, i) => (i === axis ? v : rest));
  const columns = Array.from({ length: size }, (_, k) => {
    const column = emit(
      tfl.stridedSlice,
      { input: self },
      {
        begin: only(k, 0),
        end: only(addDim(mulDim(addDim(count, -1), step), k + 1), 0),
        strides: shape.map((_, i) => (i === axis ? step : 1)),
        begin_mask: others,
        end_mask: others,
      },
    );
    return reshapeTo(emit, column, [...shape.with(axis, count), 1]);
  });
  return concatAxis(emit, columns, shape.length);
};
export const unfold = defineLowering(aten.unfold, unfolding);
export const unfoldCopy = defineLowering(aten.unfoldCopy, unfolding);

const resizing = ({ self }: { readonly self: Value }, { size }: { readonly size: readonly Dim[] }, emit: Emit) => {
  const [have, want] = [sizeOf(self.type.shape), sizeOf(size)];
  if (!isStatic(have) || !isStatic(want)) return reject("needs static extents");
  if (want > have) return reject("what the tensor grows by has no values");
  return reshapeTo(emit, sliceAxis(emit, flatten(emit, self), 0, 0, want), size);
};
export const resize = defineLowering(aten.resize, resizing);
export const resizeInPlace = defineLowering(aten.resizeInPlace, ({ self }, attrs, emit, node) => {
  const graph = node.graph!;
  const later = [...self.users].some((u) => u !== (node as Node<any>) && !graph.isBefore(u, node as Node<any>));
  if (later || graph.isOutput(self)) return reject("the tensor is used by its old name, which has another shape then");
  return resizing({ self }, attrs, emit);
});
