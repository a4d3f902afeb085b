import type { DType } from "@tflower/core";

/** The last `count` of `rank` axes. */
export const trailingAxes = (rank: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => rank - count + i);

/** `eps`, or the distance from 1 to the next number of `dtype`. */
export const epsilonOf = (eps: number | undefined, dtype: DType): number =>
  eps ?? (dtype === "f64" ? 2 ** -52 : dtype === "f16" ? 2 ** -10 : dtype === "bf16" ? 2 ** -7 : 2 ** -23);
