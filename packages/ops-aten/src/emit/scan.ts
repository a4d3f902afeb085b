import { tfl } from "@tflower/backend-tflite";
import { type Dim, type Emit, isStatic, sizeOf, type Value } from "@tflower/core";
import { concatAxis, reshapeTo, sliceAxis } from "./rearrange.ts";

/**
 * All prefixes along an axis under an associative `combine(earlier, later)` of tuples of tensors, in logarithmically many steps:
 * what stands `s` places apart is combined for s = 1, 2, 4, ... There is no kernel that does it.
 */
export function prefixes(
  emit: Emit,
  start: readonly Value[],
  axis: number,
  extent: number,
  combine: (earlier: readonly Value[], later: readonly Value[]) => readonly Value[],
): readonly Value[] {
  // XNNPACK joins tensors of at most six axes, and three are enough here
  const { shape } = start[0]!.type;
  if (shape.length > 3) {
    const folded = start.map((x) =>
      reshapeTo(emit, x, [sizeOf(shape.slice(0, axis)), extent, sizeOf(shape.slice(axis + 1))]),
    );
    return prefixes(emit, folded, 1, extent, combine).map((x) => reshapeTo(emit, x, shape));
  }
  let xs = start;
  for (let s = 1; s < extent; s *= 2) {
    const earlier = xs.map((x) => sliceAxis(emit, x, axis, 0, extent - s));
    const later = xs.map((x) => sliceAxis(emit, x, axis, s, extent - s));
    const combined = combine(earlier, later);
    xs = xs.map((x, i) => concatAxis(emit, [sliceAxis(emit, x, axis, 0, s), combined[i]!], axis));
  }
  return xs;
}

/** Extents up to which steps by doubling are worth their slices. */
const scanLimit = 1 << 20;
/** The extent of an axis that can be scanned by doubling. */
export const scannable = (d: Dim): d is number => isStatic(d) && d <= scanLimit;

/** Running sums along an axis of floats, int32 or int64. */
export const runningSum = (emit: Emit, x: Value, axis: number): Value =>
  x.type.shape.length === 0 ? x : emit(tfl.cumsum, { input: x }, { axis });
