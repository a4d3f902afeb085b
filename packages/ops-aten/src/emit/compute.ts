import { tfl } from "@tflower/backend-tflite";
import { type Dim, type DType, type Emit, isFloat, isStatic, scalarData, type Value } from "@tflower/core";
import { castTo } from "./rearrange.ts";

/** A rank-0 constant of the dtype of `like`. */
export const numberLike = (emit: Emit, like: Value, n: number | bigint): Value => emit.constant(scalarData(like.type.dtype, n));

export const add = (emit: Emit, lhs: Value, rhs: Value): Value => emit(tfl.add, { lhs, rhs });
export const sub = (emit: Emit, lhs: Value, rhs: Value): Value => emit(tfl.sub, { lhs, rhs });
export const mul = (emit: Emit, lhs: Value, rhs: Value): Value => emit(tfl.mul, { lhs, rhs });
export const div = (emit: Emit, lhs: Value, rhs: Value): Value => emit(tfl.div, { lhs, rhs });
/** `x + n`; `x` itself for 0. */
export const addNumber = (emit: Emit, x: Value, n: number): Value => (n === 0 ? x : add(emit, x, numberLike(emit, x, n)));
/** `x * n`; `x` itself for 1. */
export const mulNumber = (emit: Emit, x: Value, n: number): Value => (n === 1 ? x : mul(emit, x, numberLike(emit, x, n)));
/** `x / n`; `x` itself for 1. */
export const divNumber = (emit: Emit, x: Value, n: number): Value => (n === 1 ? x : div(emit, x, numberLike(emit, x, n)));
export const squared = (emit: Emit, x: Value): Value => mul(emit, x, x);

/** `max(x, n)`. Kernels keep the NaN of their second operand only, so the number comes first. */
export const atLeast = (emit: Emit, x: Value, n: number): Value => emit(tfl.maximum, { lhs: numberLike(emit, x, n), rhs: x });
/** `min(x, n)`, NaN kept likewise. */
export const atMost = (emit: Emit, x: Value, n: number): Value => emit(tfl.minimum, { lhs: numberLike(emit, x, n), rhs: x });

/** Whether elements are NaN. */
export const isNaNOf = (emit: Emit, x: Value): Value => emit(tfl.notEqual, { lhs: x, rhs: x });
export const select = (emit: Emit, condition: Value, x: Value, y: Value): Value => emit(tfl.selectV2, { condition, x, y });

/** An extent as a float, computed at run time when it is symbolic. */
export const floatDim = (emit: Emit, d: Dim): Value => (isStatic(d) ? emit.constant(scalarData("f32", d)) : castTo(emit, emit.dim(d), "f32"));

const countable: readonly DType[] = ["f32", "i32", "i64"];
/** Small integers and bools as int32, which every arithmetic kernel takes; other dtypes as they are. */
export const widenInteger = (emit: Emit, x: Value): Value => (countable.includes(x.type.dtype) || isFloat(x.type.dtype) ? x : castTo(emit, x, "i32"));
/** Whether elements are not zero; NaN is not. */
export function toBool(emit: Emit, x: Value): Value {
  if (x.type.dtype === "bool") return x;
  const wide = widenInteger(emit, x);
  return emit(tfl.notEqual, { lhs: wide, rhs: numberLike(emit, wide, 0) });
}
