import { tfl } from "@tflower/backend-tflite";
import {
  type Dim,
  type DType,
  dataOf,
  type Emit,
  i32Data,
  isBig,
  isStatic,
  scalarData,
  type TensorData,
  tensorData,
  type Value,
} from "@tflower/core";
import { castTo, sliceAxis } from "./rearrange.ts";

/** 0, 1, ... `count - 1` as int32. */
export const iotaData = (count: number): TensorData => i32Data(Array.from({ length: count }, (_, i) => i));

/** 0, 1, ... `count - 1`, computed at run time when the count is symbolic. */
export const iotaValue = (emit: Emit, count: Dim): Value =>
  isStatic(count) ? emit.constant(iotaData(count)) : emit(tfl.range, {}, { limit: count });

/** An extent as a rank-0 value of `dtype`. */
export const extentValue = (emit: Emit, d: Dim, dtype: DType): Value =>
  isStatic(d) ? emit.constant(scalarData(dtype, d)) : castTo(emit, emit.dim(d), dtype);

/** The smallest element, when the elements are known. */
function leastOf(v: Value): number | undefined {
  const data = dataOf(v);
  return data && Array.from(data.data, Number).reduce((a, b) => Math.min(a, b), Infinity);
}

/** `index` with negative elements counted from the end of an axis of `extent`: kernels refuse them. */
export function wrapNegative(emit: Emit, index: Value, extent: Dim): Value {
  const least = leastOf(index);
  if (least !== undefined && least >= 0) return index;
  const { dtype, shape } = index.type;
  const data = dataOf(index);
  if (data && isStatic(extent)) {
    const wrapped = Array.from(data.data, (v: number | bigint) => (Number(v) < 0 ? Number(v) + extent : Number(v)));
    return emit.constant(tensorData(isBig(dtype) ? "i64" : dtype, shape as readonly number[], wrapped));
  }
  const zero = emit.constant(scalarData(dtype, 0));
  return emit(tfl.selectV2, {
    condition: emit(tfl.less, { lhs: index, rhs: zero }),
    x: emit(tfl.add, { lhs: index, rhs: extentValue(emit, extent, dtype) }),
    y: index,
  });
}

/** Places of an axis, by index: a slice where they are known to follow one another. */
export function takeAlong(emit: Emit, x: Value, indices: Value, axis: number): Value {
  const data = indices.type.shape.length === 1 ? dataOf(indices) : undefined;
  const places = data && Array.from(data.data, Number);
  if (places?.length && places[0]! >= 0 && places.every((p, i) => p === places[0]! + i))
    return sliceAxis(emit, x, axis, places[0]!, places.length);
  return emit(tfl.gather, { params: x, indices }, { axis });
}
