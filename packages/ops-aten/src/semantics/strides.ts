import { countOf } from "@tflower/core";
import { coordinatesOf } from "./views.ts";

/** For each element of a view of `size`, its place in the storage. */
export function stridedPlaces(size: readonly number[], stride: readonly number[], offset: number): number[] {
  return Array.from({ length: countOf(size) }, (_, i) =>
    coordinatesOf(i, size).reduce((at, c, d) => at + c * stride[d]!, offset),
  );
}
