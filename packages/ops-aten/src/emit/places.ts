import { tfl } from "@tflower/backend-tflite";
import {
  countOf,
  type Dim,
  dataOf,
  type Emit,
  i32Data,
  isStaticShape,
  rowMajorStrides,
  scalarData,
  type Value,
} from "@tflower/core";
import { coordinatesOf } from "../semantics/views.ts";
import { add, mul } from "./pointwise.ts";
import { castTo, flatten } from "./rearrange.ts";

/**
 * For each element of `index`, the row-major place of the element that it names: along `axis` where it says, along other axes of
 * `shape` where it is itself. Int32, rank 1; `undefined` where extents are symbolic.
 */
export function placesAlong(emit: Emit, index: Value, shape: readonly Dim[], axis: number): Value | undefined {
  const own = index.type.shape;
  if (!isStaticShape(shape) || !isStaticShape(own)) return undefined;
  const strides = rowMajorStrides(shape);
  const offset = (at: readonly number[]): number => at.reduce((n, c, d) => (d === axis ? n : n + c * strides[d]!), 0);
  const known = dataOf(index);
  if (known)
    return emit.constant(
      i32Data(
        Array.from(
          known.data as ArrayLike<number | bigint>,
          (v, i) => Number(v) * strides[axis]! + offset(coordinatesOf(i, own)),
        ),
      ),
    );
  const others = own.with(axis, 1);
  const offsets = Array.from({ length: countOf(others) }, (_, i) => offset(coordinatesOf(i, others)));
  const stride = emit.constant(scalarData("i32", strides[axis]!));
  const along = strides[axis] === 1 ? castTo(emit, index, "i32") : mul(emit, castTo(emit, index, "i32"), stride);
  if (offsets.every((o) => o === 0)) return flatten(emit, along);
  return flatten(emit, add(emit, along, emit.constant({ ...i32Data(offsets), type: { dtype: "i32", shape: others } })));
}

/** Elements of `x` by row-major place. */
export const takePlaces = (emit: Emit, x: Value, places: Value): Value =>
  emit(tfl.gather, { params: flatten(emit, x), indices: places }, { axis: 0 });
