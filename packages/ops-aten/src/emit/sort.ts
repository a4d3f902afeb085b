import { tfl } from "@tflower/backend-tflite";
import { type Dim, type Emit, isFloat, type Value } from "@tflower/core";
import { axisToLast, inversePermutation } from "../semantics/permutations.ts";
import { keyedElements, orderKeys, reversedKeys } from "./order-keys.ts";
import { castTo, permuteBy, reshapeTo } from "./rearrange.ts";

/** Elements in order along an axis, and where they were (int32). */
export interface Sorted {
  readonly values: Value;
  readonly indices: Value;
}

/** Elements of `x` at `places` along the last axis; other axes go together. */
export const pickAlongLast = (emit: Emit, x: Value, places: Value): Value => {
  const last = x.type.shape.length - 1;
  return emit(tfl.gather, { params: x, indices: places }, { axis: last, batch_dims: last });
};

/** The first `count` elements along the last axis in rising or falling order; equal ones as they come, NaN as the largest. */
export function sortLast(emit: Emit, x: Value, count: Dim, descending: boolean): Sorted {
  const keys = orderKeys(emit, x);
  const [found, places] = emit.all(tfl.topkV2, { input: descending ? keys : reversedKeys(emit, keys) }, { k: count });
  // what integers are sorted by is what they are; floats are fetched, so that no bit of theirs changes
  const values = isFloat(x.type.dtype)
    ? pickAlongLast(emit, x, places!)
    : keyedElements(emit, descending ? found! : reversedKeys(emit, found!), x.type.dtype);
  return { values, indices: places! };
}

/** {@link sortLast} along any axis; a scalar counts as having one element. */
export function sortAxis(emit: Emit, x: Value, axis: number, count: Dim, descending: boolean): Sorted {
  const shape = x.type.shape;
  if (shape.length === 0) {
    const s = sortLast(emit, reshapeTo(emit, x, [1]), 1, descending);
    return { values: reshapeTo(emit, s.values, []), indices: reshapeTo(emit, s.indices, []) };
  }
  const perm = axisToLast(shape.length, axis);
  const s = sortLast(emit, permuteBy(emit, x, perm), count, descending);
  const back = inversePermutation(perm);
  return { values: permuteBy(emit, s.values, back), indices: permuteBy(emit, s.indices, back) };
}
/** Places as PyTorch gives them. */
export const asIndices = (emit: Emit, places: Value): Value => castTo(emit, places, "i64");
