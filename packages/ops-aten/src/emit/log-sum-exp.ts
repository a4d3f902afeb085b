import { tfl } from "@tflower/backend-tflite";
import type { Emit, Value } from "@tflower/core";
import { numberLike } from "./compute.ts";
import { add, atLeast, atMost, sub } from "./pointwise.ts";
import { reshapeTo } from "./rearrange.ts";
import { looseExtremeOver, nanOver, sumOver } from "./reduce.ts";

/** The largest finite float32: what shifting by an infinity would make NaN, shifting by this leaves infinite. */
const largest = 3.4028234663852886e38;

/** `log(sum(exp(x)))` over axes of floats. Both maximum and exponential lose NaN, so it is added. */
export function logSumExpOver(emit: Emit, x: Value, axes: readonly number[], keep: boolean): Value {
  if (axes.length === 0 || x.type.shape.some((d) => d === 0))
    return axes.length === 0 ? x : emit(tfl.log, { input: sumOver(emit, x, axes, keep) });
  const top = looseExtremeOver(emit, "max", x, axes, true);
  const shift = atMost(emit, atLeast(emit, top, numberLike(emit, top, -largest)), numberLike(emit, top, largest));
  const total = sumOver(emit, emit(tfl.exp, { input: sub(emit, x, shift) }), axes, keep);
  const sum = add(emit, emit(tfl.log, { input: total }), reshapeTo(emit, shift, total.type.shape));
  return add(emit, sum, nanOver(emit, x, axes, keep));
}
