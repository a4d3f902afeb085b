import { tfl } from "@tflower/backend-tflite";
import {
  addDim,
  type Dim,
  defineLowering,
  type Emit,
  isStatic,
  mulDim,
  type Node,
  reject,
  type Value,
} from "@tflower/core";
import * as aten from "../dialect/slice.ts";
import { iotaData, wrapNegative } from "../emit/indices.ts";
import { castTo, selectAxis, sliceAxis } from "../emit/rearrange.ts";
import { axisOf } from "../semantics/axes.ts";
import { sliceRange, wrapIndex } from "../semantics/slicing.ts";

interface Self {
  readonly self: Value;
}

const select = ({ self }: Self, { dim, index }: { readonly dim: number; readonly index: Dim }, emit: Emit): Value => {
  const axis = axisOf(dim, self.type.shape.length);
  return selectAxis(emit, self, axis, wrapIndex(index, self.type.shape[axis]!));
};
export const selectInt = defineLowering(aten.selectInt, select);
export const selectCopyInt = defineLowering(aten.selectCopyInt, select);

interface SliceAttrs {
  readonly dim: number;
  readonly start: Dim | undefined;
  readonly end: Dim | undefined;
  readonly step: Dim;
}
const slice = ({ self }: Self, { dim, start, end, step: by }: SliceAttrs, emit: Emit, node: Node<any>) => {
  if (!isStatic(by)) return reject("needs a static step");
  const step: number = by;
  const shape = self.type.shape;
  const axis = axisOf(dim, shape.length);
  const range = sliceRange(shape[axis]!, start, end, step);
  // how many places there are is what the exporter has recorded: it knows more about symbols
  const count = node.results[0]!.type.shape[axis]!;
  if (step === 1) return sliceAxis(emit, self, axis, range.start, count);
  const lastTaken = addDim(range.start, mulDim(addDim(count, -1), step));
  const others = shape.reduce<number>((mask, _, i) => (i === axis ? mask : mask | (1 << i)), 0);
  return emit(
    tfl.stridedSlice,
    { input: self },
    {
      begin: shape.map((_, i) => (i === axis ? range.start : 0)),
      end: shape.map((_, i) => (i === axis ? (count === 0 ? range.start : addDim(lastTaken, 1)) : 0)),
      strides: shape.map((_, i) => (i === axis ? step : 1)),
      begin_mask: others,
      end_mask: others,
    },
  );
};
export const sliceTensor = defineLowering(aten.sliceTensor, slice);
export const sliceCopyTensor = defineLowering(aten.sliceCopyTensor, slice);

interface NarrowAttrs {
  readonly dim: number;
  readonly start: Dim;
  readonly length: Dim;
}
const narrowing = ({ self }: Self, { dim, start, length }: NarrowAttrs, emit: Emit): Value => {
  const axis = axisOf(dim, self.type.shape.length);
  return sliceAxis(emit, self, axis, wrapIndex(start, self.type.shape[axis]!), length);
};
export const narrow = defineLowering(aten.narrow, narrowing);
export const narrowCopy = defineLowering(aten.narrowCopy, narrowing);

export const narrowTensor = defineLowering(aten.narrowTensor, ({ self, start }, { dim, length }, emit) => {
  if (!isStatic(length)) return reject("needs a static length where the start is computed");
  const axis = axisOf(dim, self.type.shape.length);
  const from = wrapNegative(emit, castTo(emit, start, "i32"), self.type.shape[axis]!);
  const indices = emit(tfl.add, { lhs: emit.constant(iotaData(length)), rhs: from });
  return emit(tfl.gather, { params: self, indices }, { axis });
});
