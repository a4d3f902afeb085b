import { tfl } from "@tflower/backend-tflite";
import { type Dim, type DType, type Emit, isFloat, scalarData, type Value } from "@tflower/core";
import { extentValue } from "./indices.ts";
import { add, mul } from "./pointwise.ts";
import { castTo } from "./rearrange.ts";

/** A rank-0 constant of the dtype of `like`. */
export const numberLike = (emit: Emit, like: Value, n: number | bigint): Value =>
  emit.constant(scalarData(like.type.dtype, n));

/** `x + n`; `x` itself for 0. */
export const addNumber = (emit: Emit, x: Value, n: number): Value =>
  n === 0 ? x : add(emit, x, numberLike(emit, x, n));
export const squared = (emit: Emit, x: Value): Value => mul(emit, x, x);

/** An extent as a float, computed at run time when it is symbolic. */
export const floatDim = (emit: Emit, d: Dim): Value => extentValue(emit, d, "f32");

const countable: readonly DType[] = ["f32", "i32", "i64"];
/** Small integers and bools as int32, which every arithmetic kernel takes; other dtypes as they are. */
export const widenInteger = (emit: Emit, x: Value): Value =>
  countable.includes(x.type.dtype) || isFloat(x.type.dtype) ? x : castTo(emit, x, "i32");
/** Whether elements are not zero; NaN is not. */
export function toBool(emit: Emit, x: Value): Value {
  if (x.type.dtype === "bool") return x;
  const wide = widenInteger(emit, x);
  return emit(tfl.notEqual, { lhs: wide, rhs: numberLike(emit, wide, 0) });
}
