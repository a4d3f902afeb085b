import { tfl } from "@tflower/backend-tflite";
import {
  dataOf,
  type Emit,
  i32Data,
  isComplex,
  isFloat,
  isStatic,
  scalarData,
  sizeOf,
  tensorData,
  type Value,
} from "@tflower/core";
import type { Reduction } from "../semantics/scattering.ts";
import { toBool } from "./compute.ts";
import { convertTo, kernelDType } from "./convert.ts";
import { floorQuotient } from "./divide.ts";
import { iotaValue } from "./indices.ts";
import { add, div, isEqual, isLess, select } from "./pointwise.ts";
import { broadcastTo, castTo, concatAxis, reshapeTo, sliceAxis } from "./rearrange.ts";
import { prefixes } from "./scan.ts";
import { type Segments, segmentCounts, segmentExtremes } from "./segments.ts";
import { sortLast } from "./sort.ts";

/** Rows `values[i]` that go to row `rows[i]` of `base`; rows are slices of axis 0, or elements. No index is negative. */
export interface RowWrites {
  readonly base: Value;
  /** Int32 or int64, rank 1. */
  readonly rows: Value;
  readonly values: Value;
}
const i32 = (emit: Emit, v: number): Value => emit.constant(scalarData("i32", v));
/** One number for each row, so that it goes with whole rows along `axis`. */
const perRow = (emit: Emit, w: RowWrites, x: Value, axis = 0): Value =>
  reshapeTo(
    emit,
    x,
    w.base.type.shape.map((_, i) => (i === axis ? x.type.shape[0]! : 1)),
  );
const rowsAsI32 = (emit: Emit, { rows }: RowWrites): Value => castTo(emit, rows, "i32");
const segmentsOf = (emit: Emit, w: RowWrites, axis = 0): Segments => ({
  ids: rowsAsI32(emit, w),
  total: w.base.type.shape[axis]!,
});
/** For each row of `base`, the last write to it, or a negative number. */
const lastWrite = (emit: Emit, w: RowWrites, axis = 0): Value =>
  segmentExtremes(emit, segmentsOf(emit, w, axis), iotaValue(emit, w.rows.type.shape[0]!), "amax");
/** Whether `at` names a row. */
const isThere = (emit: Emit, at: Value): Value => emit(tfl.greaterEqual, { lhs: at, rhs: i32(emit, 0) });

/** Rows of `values` at `at`, which is negative where there is none: there `base` stays. */
function rowsOrBase(emit: Emit, w: RowWrites, at: Value, values: Value, axis = 0): Value {
  const indices = emit(tfl.maximum, { lhs: at, rhs: i32(emit, 0) });
  const found = emit(tfl.gather, { params: values, indices }, { axis });
  return select(emit, perRow(emit, w, isThere(emit, at), axis), found, w.base);
}

/** {@link overwriteRows} at places that are known: of what is there and what is written, behind one another, the rows that stay. */
function overwriteKnown(emit: Emit, w: RowWrites, axis: number, rows: readonly number[], total: number): Value {
  const first = rows[0]!;
  const end = first + rows.length;
  if (rows.every((r, i) => r === first + i))
    return concatAxis(
      emit,
      [sliceAxis(emit, w.base, axis, 0, first), w.values, sliceAxis(emit, w.base, axis, end, total - end)],
      axis,
    );
  const from = Array.from({ length: total }, (_, i) => i);
  rows.forEach((r, i) => {
    from[r] = total + i;
  });
  return emit(
    tfl.gather,
    { params: concatAxis(emit, [w.base, w.values], axis), indices: emit.constant(i32Data(from)) },
    { axis },
  );
}

/** `base` with rows along `axis` replaced; of several for one row the last stays. Values may broadcast. */
export function overwriteRows(emit: Emit, w: RowWrites, axis = 0): Value {
  const { shape } = w.base.type;
  const [total, count] = [shape[axis]!, w.rows.type.shape[0]!];
  if (count === 0 || sizeOf(shape) === 0) return w.base;
  const known = dataOf(w.rows);
  const places = known && Array.from(known.data, Number);
  if (count !== 1 && w.values.type.shape[axis] === 1) {
    // one row for all places: which places those are is all there is to find out
    const chosen = new Set(places);
    const hit =
      places && isStatic(total)
        ? emit.constant(
            tensorData(
              "bool",
              [total],
              Array.from({ length: total }, (_, i) => chosen.has(i)),
            ),
          )
        : isThere(emit, lastWrite(emit, w, axis));
    return select(emit, perRow(emit, w, hit, axis), w.values, w.base);
  }
  const values = broadcastTo(emit, w.values, shape.with(axis, count));
  if (places && isStatic(total)) return overwriteKnown(emit, { ...w, values }, axis, places, total);
  if (count !== 1) return rowsOrBase(emit, w, lastWrite(emit, w, axis), values, axis);
  const zeros = (n: number): Value[] => (n > 0 ? [emit.constant(i32Data(new Array<number>(n).fill(0)))] : []);
  const start = concatAxis(emit, [...zeros(axis), rowsAsI32(emit, w), ...zeros(shape.length - axis - 1)], 0);
  return emit(tfl.dynamicUpdateSlice, { operand: w.base, update: values, start_indices: start });
}

/** Sum of the rows that go to each row, in float32, int32 or int64. */
function sums(emit: Emit, w: RowWrites, values: Value): Value {
  const indices = reshapeTo(emit, rowsAsI32(emit, w), [w.rows.type.shape[0]!, 1]);
  return emit(tfl.scatterNd, { indices, updates: values }, { shape: w.base.type.shape });
}
/** `base` with rows added; small integers wrap around, bools are or-ed. */
export function addRows(emit: Emit, w: RowWrites): Value {
  const { dtype } = w.base.type;
  if (w.rows.type.shape[0] === 0 || sizeOf(w.base.type.shape) === 0) return w.base;
  const wide = kernelDType(dtype);
  const total = sums(emit, w, convertTo(emit, w.values, wide));
  if (dtype === "bool") return emit(tfl.logicalOr, { lhs: w.base, rhs: toBool(emit, total) });
  return convertTo(emit, add(emit, convertTo(emit, w.base, wide), total), dtype);
}

/** Product of the int64 rows that go to each row: running products of the rows in the order of where they go. */
function longProducts(emit: Emit, w: RowWrites, count: number): Value {
  const order = sortLast(emit, rowsAsI32(emit, w), count, false);
  const values = emit(tfl.gather, { params: w.values, indices: order.indices }, { axis: 0 });
  const [, products] = prefixes(emit, [perRow(emit, w, order.values), values], 0, count, ([a, x], [b, y]) => [
    b!,
    select(emit, isEqual(emit, a!, b!), emit(tfl.mul, { lhs: x!, rhs: y! }), y!),
  ]);
  const ends = lastWrite(emit, { ...w, rows: order.values });
  return rowsOrBase(emit, w, ends, products!);
}

/** What several rows for one row become. Rows without any get what no one may look at. */
function reduced(emit: Emit, w: RowWrites, reduction: Reduction): Value | string {
  const { dtype } = w.values.type;
  if (reduction === "amax" || reduction === "amin")
    return segmentExtremes(emit, segmentsOf(emit, w), w.values, reduction);
  if (reduction === "sum") return sums(emit, w, w.values);
  if (reduction === "mean") {
    const counts = emit(tfl.maximum, { lhs: segmentCounts(emit, segmentsOf(emit, w)), rhs: i32(emit, 1) });
    const per = perRow(emit, w, castTo(emit, counts, dtype));
    const total = sums(emit, w, w.values);
    return isFloat(dtype) ? div(emit, total, per) : floorQuotient(emit, total, per);
  }
  if (dtype !== "i64")
    return emit(
      tfl.unsortedSegmentProd,
      { data: w.values, segment_ids: rowsAsI32(emit, w) },
      { num_segments: w.base.type.shape[0]! },
    );
  const count = w.rows.type.shape[0]!;
  return isStatic(count) ? longProducts(emit, w, count) : "needs a static number of int64 elements to multiply";
}

/** `base` with rows joined by a reduction, which counts what was there or does not; gives a reason where it has no form. */
export function reduceRows(emit: Emit, w: RowWrites, reduction: Reduction, includeSelf: boolean): Value | string {
  const { dtype, shape } = w.base.type;
  if (isComplex(dtype)) return "has no form for complex numbers";
  if (w.rows.type.shape[0] === 0 || sizeOf(shape) === 0) return w.base;
  if (reduction === "sum" && includeSelf) return addRows(emit, w);
  const wide = kernelDType(dtype);
  const [base, values] = [w.base, w.values].map((v) => convertTo(emit, v, wide)) as [Value, Value];
  const own = iotaValue(emit, shape[0]!);
  const all: RowWrites = includeSelf
    ? { base, rows: concatAxis(emit, [own, rowsAsI32(emit, w)], 0), values: concatAxis(emit, [base, values], 0) }
    : { base, rows: w.rows, values };
  const out = reduced(emit, all, reduction);
  if (typeof out === "string") return out;
  const joined = dtype === "bool" ? toBool(emit, out) : convertTo(emit, out, dtype);
  if (includeSelf) return joined;
  const untouched = isLess(emit, segmentCounts(emit, segmentsOf(emit, w)), i32(emit, 1));
  return select(emit, perRow(emit, w, untouched), w.base, joined);
}
