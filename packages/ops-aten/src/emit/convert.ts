import { tfl } from "@tflower/backend-tflite";
import {
  countOf,
  type DimExpr,
  type DType,
  dataOf,
  type Emit,
  isFloat,
  isStaticShape,
  type Scalar,
  type Value,
} from "@tflower/core";
import { castData } from "../semantics/pointwise.ts";
import { scalarTensor } from "../semantics/scalar.ts";

/** Constants up to this many elements are converted on the spot, so that later lowerings still see constants. */
const few = 1024;
const isSmall = (d: DType): boolean => d === "i8" || d === "u8" || d === "i16" || d === "u16";

/** `x` in another dtype, as PyTorch converts it: floats truncate, and what is too large for a small integer wraps around. */
export function convertTo(emit: Emit, x: Value, dtype: DType): Value {
  const from = x.type.dtype;
  if (from === dtype) return x;
  if (x.constant && isStaticShape(x.type.shape) && countOf(x.type.shape) <= few) {
    const data = dataOf(x);
    if (data) return emit.constant(castData(data, dtype));
  }
  // the kernel saturates where PyTorch goes through 32 bits
  if (isFloat(from) && isSmall(dtype))
    return convertTo(emit, emit(tfl.cast, { input: x }, { out_data_type: "i32" }), dtype);
  return emit(tfl.cast, { input: x }, { out_data_type: dtype });
}

/** A Python number, or a size, as a rank-0 value. */
export function numberValue(emit: Emit, s: Scalar | DimExpr, dtype: DType): Value {
  if (typeof s === "object" && "terms" in s) return convertTo(emit, emit.dim(s), dtype);
  return emit.constant(scalarTensor(s, dtype));
}
/** A rank-0 float. */
export const float = (emit: Emit, v: number): Value => numberValue(emit, v, "f32");

/** The dtype kernels compute `dtype` in: bools and small integers take 32 bits. */
export const kernelDType = (d: DType): DType => (isSmall(d) || d === "bool" ? "i32" : d);

/** Computes in what kernels know: operands converted to `dtype` (widened where it is small), the result back, wrapped around. */
export function computeIn(emit: Emit, dtype: DType, operands: readonly Value[], f: (...v: Value[]) => Value): Value {
  const wide = kernelDType(dtype);
  return convertTo(emit, f(...operands.map((v) => convertTo(emit, convertTo(emit, v, dtype), wide))), dtype);
}
