import { tfl } from "@tflower/backend-tflite";
import type { DType, Emit, OpDef, Value } from "@tflower/core";
import { convertTo, kernelDType } from "./convert.ts";

export const comparisons = {
  eq: tfl.equal,
  ne: tfl.notEqual,
  ge: tfl.greaterEqual,
  gt: tfl.greater,
  le: tfl.lessEqual,
  lt: tfl.less,
} as const;
export type Comparison = keyof typeof comparisons;

/** Compares in `dtype`, small integers widened; bools only where kernels know them. */
export function compare(emit: Emit, how: Comparison, dtype: DType, a: Value, b: Value): Value {
  const wide = dtype === "bool" && (how === "eq" || how === "ne") ? "bool" : kernelDType(dtype);
  const [lhs, rhs] = [a, b].map((v) => convertTo(emit, convertTo(emit, v, dtype), wide)) as [Value, Value];
  return emit(comparisons[how] as typeof tfl.equal & OpDef, { lhs, rhs });
}
