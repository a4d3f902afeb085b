import { tfl } from "@tflower/backend-tflite";
import {
  type Dim,
  dataOf,
  defineLowering,
  type Emit,
  i32Data,
  isStatic,
  isStaticShape,
  type Node,
  type Rejection,
  reject,
  type Value,
} from "@tflower/core";
import * as aten from "../dialect/split.ts";
import { wrapNegative } from "../emit/indices.ts";
import { castTo, concatAxis, reshapeTo, selectAxis, sliceAxis } from "../emit/rearrange.ts";
import { axisOf } from "../semantics/axes.ts";
import { betweenCuts, inARow } from "../semantics/splitting.ts";

interface Self {
  readonly self: Value;
}

/** Kernels cut into equal pieces in one go; fast ones exist for up to four. */
const splitLimit = 4;

/** The pieces that the results say, from `starts`. */
function cut(emit: Emit, self: Value, axis: number, node: Node<any>, starts?: readonly Dim[]): Value[] {
  const extents = node.results.map((r) => r.type.shape[axis]!);
  const [first] = extents;
  const inOrder = starts === undefined;
  const equal =
    isStatic(first!) &&
    first > 0 &&
    extents.every((e) => e === first) &&
    self.type.shape[axis] === first * extents.length;
  const used = node.results.every((r) => r.users.size > 0);
  if (inOrder && equal && used && extents.length > 1 && extents.length <= splitLimit && self.type.dtype !== "bool")
    return [...emit.all(tfl.split, { value: self }, { axis, num_splits: extents.length })];
  const from = starts ?? inARow(extents).starts;
  return extents.map((e, i) => sliceAxis(emit, self, axis, from[i]!, e));
}
const alongDim = ({ self }: Self, { dim }: { readonly dim: number }, emit: Emit, node: Node<any>): Value[] =>
  cut(emit, self, axisOf(dim, self.type.shape.length), node);
export const splitTensor = defineLowering(aten.splitTensor, alongDim);
export const splitSizes = defineLowering(aten.splitSizes, alongDim);
export const splitWithSizes = defineLowering(aten.splitWithSizes, alongDim);
export const chunk = defineLowering(aten.chunk, alongDim);
export const unsafeChunk = defineLowering(aten.unsafeChunk, alongDim);
export const unsafeSplitTensor = defineLowering(aten.unsafeSplitTensor, alongDim);
export const unsafeSplitWithSizes = defineLowering(aten.unsafeSplitWithSizes, alongDim);
export const splitCopyTensor = defineLowering(aten.splitCopyTensor, alongDim);
export const splitWithSizesCopy = defineLowering(aten.splitWithSizesCopy, alongDim);
export const tensorSplitSections = defineLowering(aten.tensorSplitSections, alongDim);

const atPlaces = (emit: Emit, self: Value, axis: number, indices: readonly Dim[], node: Node<any>): Value[] =>
  cut(emit, self, axis, node, betweenCuts(self.type.shape[axis]!, indices).starts);
export const tensorSplitIndices = defineLowering(aten.tensorSplitIndices, ({ self }, { indices, dim }, emit, node) =>
  atPlaces(emit, self, axisOf(dim, self.type.shape.length), indices, node),
);
/** Pieces between places that are computed, clamped as Python's slices are; how long they are only the run tells. */
function cutAtRunTime(emit: Emit, self: Value, axis: number, places: Value, node: Node<any>): Value[] | Rejection {
  const shape = self.type.shape;
  const extent = shape[axis]!;
  const count = places.type.shape[0]!;
  if (!isStaticShape(shape) || !isStatic(count) || !isStatic(extent))
    return reject("needs static extents where the places to cut at are computed");
  const vector = (...v: readonly number[]): Value => emit.constant(i32Data(v));
  const wrapped = wrapNegative(emit, castTo(emit, places, "i32"), extent);
  const inside = emit(tfl.minimum, { lhs: emit(tfl.maximum, { lhs: wrapped, rhs: vector(0) }), rhs: vector(extent) });
  const at = concatAxis(emit, [vector(0), inside, vector(extent)], 0);
  const whole = (v: Value, rest: readonly number[]): Value =>
    concatAxis(
      emit,
      [
        ...(axis > 0 ? [vector(...rest.slice(0, axis))] : []),
        v,
        ...(axis < shape.length - 1 ? [vector(...rest.slice(axis + 1))] : []),
      ],
      0,
    );
  return node.results.map((r, i) => {
    const start = sliceAxis(emit, at, 0, i, 1);
    const length = emit(tfl.maximum, {
      lhs: emit(tfl.sub, { lhs: sliceAxis(emit, at, 0, i + 1, 1), rhs: start }),
      rhs: vector(0),
    });
    const begin = whole(
      start,
      shape.map(() => 0),
    );
    const size = whole(length, shape);
    return emit.all(tfl.slice, { input: self, begin, size }, { begin: shape.map(() => 0), size: r.type.shape }, [
      r.type,
    ])[0]!;
  });
}
export const tensorSplitTensorIndicesOrSections = defineLowering(
  aten.tensorSplitTensorIndicesOrSections,
  ({ self, tensor_indices_or_sections: at }, { dim }, emit, node) => {
    const axis = axisOf(dim, self.type.shape.length);
    const data = dataOf(at);
    if (at.type.shape.length === 0) return cut(emit, self, axis, node);
    return data
      ? atPlaces(emit, self, axis, Array.from(data.data, Number), node)
      : cutAtRunTime(emit, self, axis, at, node);
  },
);

const hAxis = ({ self }: Self): number => (self.type.shape.length === 1 ? 0 : 1);
export const hsplitInt = defineLowering(aten.hsplitInt, ({ self }, _, emit, node) =>
  cut(emit, self, hAxis({ self }), node),
);
export const hsplitArray = defineLowering(aten.hsplitArray, ({ self }, { indices }, emit, node) =>
  atPlaces(emit, self, hAxis({ self }), indices, node),
);
export const vsplitInt = defineLowering(aten.vsplitInt, ({ self }, _, emit, node) => cut(emit, self, 0, node));
export const vsplitArray = defineLowering(aten.vsplitArray, ({ self }, { indices }, emit, node) =>
  atPlaces(emit, self, 0, indices, node),
);
export const dsplitInt = defineLowering(aten.dsplitInt, ({ self }, _, emit, node) => cut(emit, self, 2, node));
export const dsplitArray = defineLowering(aten.dsplitArray, ({ self }, { indices }, emit, node) =>
  atPlaces(emit, self, 2, indices, node),
);

const unbind = ({ self }: Self, { dim }: { readonly dim: number }, emit: Emit, node: Node<any>): Value[] => {
  const axis = axisOf(dim, self.type.shape.length);
  const count = node.results.length;
  if (count > 1 && count <= splitLimit && self.type.dtype !== "bool" && node.results.every((r) => r.users.size > 0)) {
    const shape = self.type.shape.toSpliced(axis, 1);
    return emit.all(tfl.split, { value: self }, { axis, num_splits: count }).map((p) => reshapeTo(emit, p, shape));
  }
  return node.results.map((_, i) => selectAxis(emit, self, axis, i));
};
export const unbindInt = defineLowering(aten.unbindInt, unbind);
export const unbindCopyInt = defineLowering(aten.unbindCopyInt, unbind);
