import { tfl } from "@tflower/backend-tflite";
import { type Dim, type Emit, i32Data, isFloat, sizeOf, tensorData, type Value } from "@tflower/core";
import { windowPlaces } from "../semantics/pooling.ts";
import type { Taps } from "../semantics/spatial.ts";
import { numberLike, widenInteger } from "./compute.ts";
import { truncatedQuotient } from "./divide.ts";
import { isNaNValue, select } from "./pointwise.ts";
import { castTo, reshapeTo } from "./rearrange.ts";
import { extremeOver } from "./reduce.ts";

/** Windows of a plane, all as long as the longest: shorter ones repeat their first place, which changes no maximum. */
interface Windows {
  readonly places: readonly number[];
  readonly count: number;
  readonly length: number;
}
function evenWindows(taps: readonly Taps[], space: readonly number[]): Windows {
  const windows = windowPlaces(taps, space);
  const length = Math.max(...windows.map((w) => w.length));
  return {
    places: windows.flatMap((w) => [...w, ...new Array<number>(length - w.length).fill(w[0]!)]),
    count: windows.length,
    length,
  };
}

/** `[..., ...space]` as `[planes, windows, elements of a window]`. */
function gathered(emit: Emit, x: Value, rank: number, windows: Windows): Value {
  const planes = sizeOf(x.type.shape.slice(0, -rank));
  const flat = reshapeTo(emit, x, [planes, sizeOf(x.type.shape.slice(-rank))]);
  const parts = emit(tfl.gather, { params: flat, indices: emit.constant(i32Data(windows.places)) }, { axis: 1 });
  return reshapeTo(emit, parts, [planes, windows.count, windows.length]);
}
const resultShape = (x: Value, taps: readonly Taps[]): Dim[] => [
  ...x.type.shape.slice(0, -taps.length),
  ...taps.map((t) => t.length),
];

/**
 * Largest elements over any windows of the last axes, and their positions in the plane: for dtypes and windows that the pooling
 * kernel does not know, and for positions. The extents of these axes are static, and every window has an element.
 */
export function maxByGather(
  emit: Emit,
  x: Value,
  taps: readonly Taps[],
): { readonly values: Value; readonly positions: () => Value } {
  const space = x.type.shape.slice(-taps.length) as number[];
  const windows = evenWindows(taps, space);
  const parts = gathered(emit, widenInteger(emit, x), taps.length, windows);
  const values = extremeOver(emit, "max", parts, [2], false);
  return {
    values: castTo(emit, reshapeTo(emit, values, resultShape(x, taps)), x.type.dtype),
    positions() {
      const best = firstBest(emit, parts, values);
      const starts = Array.from({ length: windows.count }, (_, w) => w * windows.length);
      const at = emit(tfl.add, { lhs: best, rhs: emit.constant(i32Data(starts)) });
      const table = emit.constant(tensorData("i64", [windows.places.length], windows.places));
      return reshapeTo(emit, emit(tfl.gather, { params: table, indices: at }), resultShape(x, taps));
    },
  };
}
/** Where the first of the largest elements of each window stands in it; in a window with NaN, where its last NaN does. */
function firstBest(emit: Emit, parts: Value, values: Value): Value {
  const { dtype, shape } = parts.type;
  if (dtype === "i32") return emit(tfl.argMax, { input: parts }, { axis: 2 });
  if (!isFloat(dtype)) {
    const rhs = reshapeTo(emit, values, [...values.type.shape, 1]);
    return emit(tfl.argMax, { input: castTo(emit, emit(tfl.equal, { lhs: parts, rhs }), "i32") }, { axis: 2 });
  }
  const length = shape[2] as number;
  const places = emit.constant(
    tensorData(
      "f32",
      [length],
      Array.from({ length }, (_, k) => k + 1),
    ),
  );
  const nanPlaces = emit(tfl.mul, { lhs: castTo(emit, isNaNValue(emit, parts), "f32"), rhs: places });
  const last = castTo(emit, emit(tfl.reduceMax, { input: nanPlaces }, { axes: [2] }), "i32");
  const one = numberLike(emit, last, 1);
  const isThere = emit(tfl.greaterEqual, { lhs: last, rhs: one });
  return select(emit, isThere, emit(tfl.sub, { lhs: last, rhs: one }), emit(tfl.argMax, { input: parts }, { axis: 2 }));
}

/** Integer means over windows of the last axes of int64, divided towards zero as C++ does. `x` is padded already. */
export function integerMeanByGather(emit: Emit, x: Value, taps: readonly Taps[], divisors: readonly number[]): Value {
  const space = x.type.shape.slice(-taps.length) as number[];
  const sums = emit(tfl.sum, { input: gathered(emit, x, taps.length, evenWindows(taps, space)) }, { axes: [2] });
  const means = truncatedQuotient(emit, sums, emit.constant(tensorData("i64", [divisors.length], divisors)));
  return reshapeTo(emit, means, resultShape(x, taps));
}

/** Whether all of the extents under the windows are static. */
export const hasStaticSpace = (x: Value, rank: number): boolean =>
  x.type.shape.slice(-rank).every((d) => typeof d === "number");
