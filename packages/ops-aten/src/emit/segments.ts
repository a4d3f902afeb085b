import { tfl } from "@tflower/backend-tflite";
import { type Dim, type Emit, i32Data, isStatic, scalarData, tensor, type Value } from "@tflower/core";
import { keyedElements, orderKeys } from "./order-keys.ts";
import { isEqual, select } from "./pointwise.ts";
import { concatAxis, reshapeTo, sliceAxis } from "./rearrange.ts";

/** Which segment each row belongs to, and how many there are. */
export interface Segments {
  /** Int32, rank 1; rows with negative ids belong to none. */
  readonly ids: Value;
  readonly total: Dim;
}
const i32 = (emit: Emit, v: number): Value => emit.constant(scalarData("i32", v));

/** How many rows each segment has, as int32. */
export function segmentCounts(emit: Emit, { ids, total }: Segments): Value {
  const count = ids.type.shape[0]!;
  const data = isStatic(count)
    ? emit.constant(i32Data(new Array<number>(count).fill(1)))
    : emit(tfl.fill, { value: i32(emit, 1) }, { dims: [count] });
  return emit(tfl.unsortedSegmentSum, { data, segment_ids: ids }, { num_segments: total });
}

/** Sums of the rows of each segment, in float32 or int32. */
export const segmentSums = (emit: Emit, { ids, total }: Segments, data: Value): Value =>
  emit(tfl.unsortedSegmentSum, { data, segment_ids: ids }, { num_segments: total });

export type Extreme = "amax" | "amin";
function extremeKeys(emit: Emit, { ids, total }: Segments, keys: Value, how: Extreme): Value {
  const op = how === "amax" ? tfl.unsortedSegmentMax : tfl.unsortedSegmentMin;
  return emit(op as typeof tfl.unsortedSegmentMax, { data: keys, segment_ids: ids }, { num_segments: total });
}
/** {@link extremeKeys} of int64: first by the upper halves, then, among those that have it, by the lower ones as unsigned numbers. */
function extremeLong(emit: Emit, s: Segments, values: Value, how: Extreme): Value {
  const { shape } = values.type;
  const halves = emit.all(tfl.bitcast, { input: values }, {}, [tensor("i32", [...shape, 2])])[0]!;
  const half = (k: number): Value => reshapeTo(emit, sliceAxis(emit, halves, shape.length, k, 1), shape);
  const unsigned = (x: Value): Value => emit(tfl.bitwiseXor, { lhs: x, rhs: i32(emit, -(2 ** 31)) });
  const upper = extremeKeys(emit, s, half(1), how);
  const theirs = emit(tfl.gather, { params: upper, indices: s.ids }, { axis: 0 });
  const lost = i32(emit, how === "amax" ? -(2 ** 31) : 2 ** 31 - 1);
  const lower = unsigned(
    extremeKeys(emit, s, select(emit, isEqual(emit, half(1), theirs), unsigned(half(0)), lost), how),
  );
  const both = concatAxis(
    emit,
    [lower, upper].map((x) => reshapeTo(emit, x, [...x.type.shape, 1])),
    shape.length,
  );
  return emit.all(tfl.bitcast, { input: both }, {}, [tensor("i64", upper.type.shape)])[0]!;
}

/** Largest or smallest elements of the rows of each segment; NaN where one is. Segments without rows get what no one may look at: below 0 for the largest int32. */
export function segmentExtremes(emit: Emit, s: Segments, values: Value, how: Extreme): Value {
  const { dtype } = values.type;
  if (dtype === "i64") return extremeLong(emit, s, values, how);
  return keyedElements(
    emit,
    extremeKeys(emit, s, orderKeys(emit, values, how === "amax" ? "largest" : "smallest"), how),
    dtype,
  );
}
