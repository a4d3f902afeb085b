import { tfl } from "@tflower/backend-tflite";
import type { TensorType } from "@tflower/core";
import { dimsOf, i32s, type QnnGraphBuilder, u32 } from "../graph/qnn-graph-builder.ts";
import { refuse } from "../graph/refusal.ts";
import { axisFromFront, defineMapping, type QnnMapping } from "./define-mapping.ts";

/** Begin, end and step along each axis. An end of -1 with a negative step means "to the first element". */
export type SliceRange = readonly [begin: number, end: number, step: number];

/** Adds a slice with a range for each axis. */
export function addSlice(
  b: QnnGraphBuilder,
  from: number,
  ranges: readonly SliceRange[],
  to: number,
  shrink = 0,
): void {
  b.node("StridedSlice", [from], [to], {
    scalars: { begin_mask: u32(0), end_mask: u32(0), shrink_axes: u32(shrink), new_axes_mask: u32(0) },
    tensors: { ranges: i32s(ranges.flat(), [ranges.length, 3]) },
  });
}

const mapSlice = defineMapping(tfl.slice, ["StridedSlice"], (node, b) => {
  const { input, begin, size } = node.operands;
  if (begin || size) refuse("where it cuts is computed at run time");
  const dims = dimsOf(node.result.type);
  const from = node.attrs.begin as readonly number[];
  addSlice(
    b,
    b.of(input),
    dims.map((d, i) => [from[i] ?? 0, (from[i] ?? 0) + d, 1] as const),
    b.of(node.result),
  );
});

/** What a strided slice means once its masks and negative places are settled. */
function plainRanges(input: TensorType, a: StridedAttrs): readonly SliceRange[] {
  const dims = dimsOf(input);
  return dims.map((d, i): SliceRange => {
    if (i >= a.begin.length) return [0, d, 1];
    const bit = 1 << i;
    const step = a.strides[i]!;
    const place = (at: number): number => (at < 0 ? at + d : at);
    const begin = place(a.begin[i] as number);
    if (a.shrink_axis_mask & bit) return [begin, begin + 1, 1];
    const from = a.begin_mask & bit ? (step > 0 ? 0 : d - 1) : Math.min(Math.max(begin, 0), step > 0 ? d : d - 1);
    const end = a.offset ? from + (a.end[i] as number) : place(a.end[i] as number);
    const to = a.end_mask & bit ? (step > 0 ? d : -1) : Math.min(Math.max(end, step > 0 ? 0 : -1), d);
    // behind the first element nothing can be named but by going on in steps
    return [from, step < 0 && to < 0 ? -(d + 1) : to, step];
  });
}
interface StridedAttrs {
  readonly begin: readonly unknown[];
  readonly end: readonly unknown[];
  readonly strides: readonly number[];
  readonly begin_mask: number;
  readonly end_mask: number;
  readonly shrink_axis_mask: number;
  readonly offset: boolean;
}

const mapStridedSlice = defineMapping(tfl.stridedSlice, ["StridedSlice", "Reshape"], (node, b) => {
  const { input, begin, end } = node.operands;
  if (begin || end) refuse("where it cuts is computed at run time");
  const a = node.attrs;
  if (a.ellipsis_mask || a.new_axis_mask)
    refuse("it has an ellipsis or inserts axes", "write it as a plain slice and a reshape");
  const ranges = plainRanges(input.type, a);
  const kept = ranges.map(([from, to, step]) => Math.ceil((Math.max(to, -1) - from) / step));
  if (!a.shrink_axis_mask) {
    addSlice(b, b.of(input), ranges, b.of(node.result));
    return;
  }
  // axes of one element go by a reshape: fewer forms for the HTP to know
  const whole = b.between({ ...input.type, shape: kept });
  addSlice(b, b.of(input), ranges, whole);
  b.node("Reshape", [whole], [b.of(node.result)]);
});

/** Adds a reversal along some axes. */
export function addReversal(b: QnnGraphBuilder, from: number, axes: readonly number[], to: number): void {
  const { dims } = b.tensor(from);
  addSlice(
    b,
    from,
    dims.map((d, i): SliceRange => (axes.includes(i) ? [d - 1, -(d + 1), -1] : [0, d, 1])),
    to,
  );
}

const mapReverse = defineMapping(tfl.reverseV2, ["StridedSlice"], (node, b) => {
  const { input } = node.operands;
  const axes = node.attrs.axes.map((x) => axisFromFront(x, input.type));
  addReversal(b, b.of(input), axes, b.of(node.result));
});

/** Ops that take parts of a tensor at fixed places. */
export const sliceMappings: readonly QnnMapping<any>[] = [mapSlice, mapStridedSlice, mapReverse];
