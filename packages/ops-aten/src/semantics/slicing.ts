import { addDim, type Dim, floorDivDim, invalid, isStatic, minDim, subDim } from "@tflower/core";

/** A range of an axis: what `start:end:step` means once negative and missing ends are resolved. */
export interface AxisRange {
  readonly start: Dim;
  readonly count: Dim;
  readonly step: number;
}

/** What an index that counts from the end when it is negative means; a symbolic index is taken as not negative. */
export const wrapIndex = (index: Dim, extent: Dim): Dim =>
  isStatic(index) && index < 0 ? addDim(index, extent) : index;

/** Python's slice of an axis. Where the extent is symbolic, a start is taken to lie inside, as the exporter has checked. */
export function sliceRange(extent: Dim, from: Dim | undefined, to: Dim | undefined, step: Dim = 1): AxisRange {
  if (!isStatic(step) || step <= 0)
    invalid(`step must be a positive number, got ${typeof step === "number" ? step : step.key}`);
  const start = clampTo(wrapIndex(from ?? 0, extent), extent, true);
  const whole = to === undefined || (isStatic(to) && to >= Number.MAX_SAFE_INTEGER);
  const end = whole ? extent : clampTo(wrapIndex(to, extent), extent, false);
  const length = subDim(end, start);
  const count = step === 1 ? length : floorDivDim(addDim(length, step - 1), step);
  return { start, count: isStatic(count) ? Math.max(count, 0) : count, step };
}
function clampTo(d: Dim, extent: Dim, isStart: boolean): Dim {
  if (isStatic(d) && isStatic(extent)) return Math.min(Math.max(d, 0), extent);
  return isStatic(d) && !isStart ? minDim(d, extent) : d;
}
