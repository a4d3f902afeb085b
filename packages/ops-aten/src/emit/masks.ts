import { tfl } from "@tflower/backend-tflite";
import { type Dim, dataOf, type Emit, i32Data, isStatic, scalarData, sizeOf, tensor, type Value } from "@tflower/core";
import { toBool } from "./compute.ts";
import { sub } from "./pointwise.ts";
import { castTo, flatten, reshapeTo } from "./rearrange.ts";

/** How many places a constant mask holds at. */
export function heldCount(mask: Value): number | undefined {
  const known = dataOf(mask);
  return known && Array.from(known.data as ArrayLike<number>).filter((v) => v !== 0).length;
}
/**
 * Row-major places where a mask holds, rank 1; `count` is the extent that the program gives the result. A constant where the mask is
 * one, unless the program has a symbol for its extent: that is read off a tensor at run time, so there must be one.
 */
export function heldPlaces(emit: Emit, mask: Value, count: Dim): Value {
  const known = dataOf(mask);
  if (known && isStatic(count)) {
    const places: number[] = [];
    known.data.forEach((v: number | bigint, i: number) => {
      if (v) places.push(i);
    });
    return emit.constant(i32Data(places));
  }
  if (sizeOf(mask.type.shape) === 0) return emit.constant(i32Data([]));
  const rows = emit.all(tfl.where, { condition: flatten(emit, toBool(emit, mask)) }, {}, [
    tensor("i64", [count, 1]),
  ])[0]!;
  return reshapeTo(emit, rows, [count]);
}

/** How many elements before each one (itself included) a mask holds at, less one: the place among those that are held. Int32. */
export const rankAmongHeld = (emit: Emit, mask: Value): Value =>
  sub(
    emit,
    emit(tfl.cumsum, { input: castTo(emit, flatten(emit, mask), "i32") }, { axis: 0 }),
    emit.constant(scalarData("i32", 1)),
  );
