import type { DimExpr, Scalar } from "@tflower/core";
import { realOf } from "./real-scalar.ts";
import { sumOf } from "./reduce.ts";

/** What is taken from the count before dividing: 1 unless said otherwise. */
export const correctionOf = (correction: Scalar | DimExpr | undefined): number =>
  correction === undefined ? 1 : realOf(correction, "correction");

/** Squared deviations from the mean over the count less `correction`. */
export function varianceOf(line: ArrayLike<number>, correction: number): number {
  const mean = sumOf(line) / line.length;
  return sumOf(Array.from(line, (v) => (v - mean) ** 2)) / Math.max(line.length - correction, 0);
}
