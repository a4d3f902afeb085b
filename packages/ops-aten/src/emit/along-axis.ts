import { tfl } from "@tflower/backend-tflite";
import { type Emit, tensorData, type Value } from "@tflower/core";
import { permuteBy } from "./rearrange.ts";

/** A linear map of an axis, row by row: each row makes one element of the result. */
export type Matrix = readonly (readonly number[])[];

/** A constant matrix as the filter of a fully connected layer. */
export const matrixValue = (emit: Emit, matrix: Matrix): Value =>
  emit.constant(tensorData("f32", [matrix.length, matrix[0]!.length], matrix.flat()));

/** Applies a matrix `[rows, elements]` to an axis: a fully connected layer over it, which is where axes of the input go last. */
export function applyAlong(emit: Emit, x: Value, axis: number, filter: Value): Value {
  const rank = x.type.shape.length;
  const swap = Array.from({ length: rank }, (_, i) => (i === axis ? rank - 1 : i === rank - 1 ? axis : i));
  const product = emit(tfl.fullyConnected, { input: permuteBy(emit, x, swap), filter }, { keep_num_dims: true });
  return permuteBy(emit, product, swap);
}
