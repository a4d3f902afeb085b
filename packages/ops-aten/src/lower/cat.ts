import { tfl } from "@tflower/backend-tflite";
import {
  addDim,
  type Dim,
  type DType,
  defineLowering,
  type Emit,
  floorDivDim,
  mulDim,
  type Node,
  sizeOf,
  type Value,
} from "@tflower/core";
import * as aten from "../dialect/cat.ts";
import { castTo, concatAxis, reshapeTo } from "../emit/rearrange.ts";
import { axisOf } from "../semantics/axes.ts";
import { atLeast } from "../semantics/views.ts";

interface Many {
  readonly tensors: readonly Value[];
}
/** Joins values in `dtype`; vectors without elements go with anything, and add nothing. */
function join(emit: Emit, values: readonly Value[], dim: number, dtype: DType): Value {
  const counted = values.filter((v) => !(v.type.shape.length === 1 && v.type.shape[0] === 0));
  const parts = counted.length ? counted : values.slice(0, 1);
  const axis = axisOf(dim, parts[0]!.type.shape.length);
  return concatAxis(
    emit,
    parts.map((p) => castTo(emit, p, dtype)),
    axis,
  );
}
const resultDType = (node: Node<any>): DType => node.results[0]!.type.dtype;

const joining = ({ tensors }: Many, { dim }: { readonly dim: number }, emit: Emit, node: Node<any>): Value =>
  join(emit, tensors, dim, resultDType(node));
export const cat = defineLowering(aten.cat, joining);
export const concat = defineLowering(aten.concat, joining);
export const concatenate = defineLowering(aten.concatenate, joining);

const reshapedFirst =
  (shape: (s: readonly Dim[]) => readonly Dim[], axis: (rank: number) => number) =>
  ({ tensors }: Many, _: unknown, emit: Emit, node: Node<any>): Value => {
    const parts = tensors.map((t) => reshapeTo(emit, t, shape(t.type.shape)));
    return join(emit, parts, axis(parts[0]!.type.shape.length), resultDType(node));
  };
const vertically = reshapedFirst(
  (s) => atLeast(2, s),
  () => 0,
);
export const hstack = defineLowering(
  aten.hstack,
  reshapedFirst(
    (s) => atLeast(1, s),
    (rank) => (rank === 1 ? 0 : 1),
  ),
);
export const vstack = defineLowering(aten.vstack, vertically);
export const rowStack = defineLowering(aten.rowStack, vertically);
export const dstack = defineLowering(
  aten.dstack,
  reshapedFirst(
    (s) => atLeast(3, s),
    () => 2,
  ),
);
export const columnStack = defineLowering(
  aten.columnStack,
  reshapedFirst(
    (s) => (s.length <= 1 ? [sizeOf(s), 1] : s),
    () => 1,
  ),
);

export const stack = defineLowering(aten.stack, ({ tensors }, { dim }, emit, node) => {
  const shape = tensors[0]!.type.shape;
  const axis = axisOf(dim, shape.length + 1);
  return join(
    emit,
    tensors.map((t) => reshapeTo(emit, t, shape.toSpliced(axis, 0, 1))),
    axis,
    resultDType(node),
  );
});

export const chunkCat = defineLowering(aten.chunkCat, ({ tensors }, { dim, num_chunks }, emit, node) => {
  const axis = axisOf(dim, tensors[0]!.type.shape.length);
  const dtype = resultDType(node);
  const parts = tensors.map((t) => {
    const shape = t.type.shape;
    const per = floorDivDim(addDim(shape[axis]!, num_chunks - 1), num_chunks);
    const missing = addDim(mulDim(per, num_chunks), mulDim(shape[axis]!, -1));
    const paddings = shape.flatMap((_, i) => [0, i === axis ? missing : 0]);
    const whole = missing === 0 ? t : emit(tfl.pad, { input: t }, { paddings });
    return reshapeTo(emit, whole, [...shape.slice(0, axis), num_chunks, mulDim(per, sizeOf(shape.slice(axis + 1)))]);
  });
  return join(emit, parts, axis + 1, dtype);
});
