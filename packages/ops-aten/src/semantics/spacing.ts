import type { Dim } from "@tflower/core";
import { axisOf } from "./axes.ts";

/** Shape that positions of `shape` take to go with values of `rank` axes: a vector lies along `dim`, fewer axes are the last ones. */
export function alignedSpacing<D extends Dim>(shape: readonly D[], rank: number, dim: number): D[] {
  const one = 1 as D;
  if (shape.length === 1) {
    const axis = axisOf(dim, rank);
    return Array.from({ length: rank }, (_, i) => (i === axis ? shape[0]! : one));
  }
  return [...Array.from({ length: Math.max(rank - shape.length, 0) }, () => one), ...shape];
}
