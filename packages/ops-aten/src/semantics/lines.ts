import { countOf } from "@tflower/core";

/** A shape as three axes. */
export interface AroundAxis {
  readonly outer: number;
  readonly extent: number;
  readonly inner: number;
}
/** `shape` as three axes, the middle one being `axis`; a scalar has one place. */
export const aroundAxis = (shape: readonly number[], axis: number): AroundAxis => ({
  outer: countOf(shape.slice(0, axis)),
  extent: shape[axis] ?? 1,
  inner: countOf(shape.slice(axis + 1)),
});
