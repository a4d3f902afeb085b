import { tfl } from "@tflower/backend-tflite";
import { type DType, type Emit, isFloat, scalarData, type Value } from "@tflower/core";
import { bitsOf, floatsOf } from "./bits.ts";
import { isLess, isNaNValue, select, sub } from "./pointwise.ts";
import { castTo } from "./rearrange.ts";

const lowest = -(2 ** 31);
const highest = 2 ** 31 - 1;
const i32 = (emit: Emit, v: number): Value => emit.constant(scalarData("i32", v));
/** Negative floats rise where their bits fall. Its own inverse. */
const folded = (emit: Emit, bits: Value): Value =>
  select(emit, isLess(emit, bits, i32(emit, 0)), emit(tfl.bitwiseXor, { lhs: bits, rhs: i32(emit, highest) }), bits);

/**
 * Integers in the order of the elements: int32, or int64 for int64. Kernels that sort or take maxima lose NaN; among
 * integers a NaN is the largest (or the smallest, where `nan` says so). Zeros of both signs are equal.
 */
export function orderKeys(emit: Emit, x: Value, nan: "largest" | "smallest" = "largest"): Value {
  const { dtype } = x.type;
  if (dtype === "i64") return x;
  if (!isFloat(dtype)) return castTo(emit, x, "i32");
  const keys = folded(emit, bitsOf(emit, x));
  // only the bits of -0 fold to -1
  const joined = select(emit, emit(tfl.equal, { lhs: keys, rhs: i32(emit, -1) }), i32(emit, 0), keys);
  return select(emit, isNaNValue(emit, x), i32(emit, nan === "largest" ? highest : lowest), joined);
}
/** The elements that {@link orderKeys} stand for; the sign of a zero is lost. */
export function keyedElements(emit: Emit, keys: Value, dtype: DType): Value {
  if (dtype === "i64") return keys;
  return isFloat(dtype) ? floatsOf(emit, folded(emit, keys)) : castTo(emit, keys, dtype);
}
/** Keys in the opposite order: `-1 - key` has no overflow. */
export const reversedKeys = (emit: Emit, keys: Value): Value =>
  sub(emit, emit.constant(scalarData(keys.type.dtype, -1)), keys);
