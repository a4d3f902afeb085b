import { type Dim, invalid } from "@tflower/core";
import { axisOf } from "./axes.ts";

/** The axis of a cross product: the first of extent 3 unless one is named. */
export function crossAxis(shape: readonly Dim[], dim: number | undefined): number {
  if (dim !== undefined) return axisOf(dim, shape.length);
  const axis = shape.indexOf(3);
  return axis >= 0 ? axis : invalid("has no axis of extent 3");
}
