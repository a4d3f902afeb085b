import type { Dim } from "@tflower/core";
import { addDim, isFloat, type TensorData } from "@tflower/core";
import { mapIntegers, mapNumbers } from "./pointwise.ts";
import { slicedAlong } from "./views.ts";

/** Differences of neighbours along `axis`; of bools, whether they differ. */
export function differences(x: TensorData, axis: number): TensorData {
  const count = Math.max(x.type.shape[axis]! - 1, 0);
  const operands = [slicedAlong(x, axis, 1, count), slicedAlong(x, axis, 0, count)];
  if (isFloat(x.type.dtype)) return mapNumbers(x.type, operands, (a, b) => a - b);
  return mapIntegers(x.type, operands, x.type.dtype === "bool" ? (a, b) => a ^ b : (a, b) => a - b);
}

/** An extent less `by`, which never goes below zero. */
export const shortened = (d: Dim, by: number): Dim => (typeof d === "number" ? Math.max(d - by, 0) : addDim(d, -by));
