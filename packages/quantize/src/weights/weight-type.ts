import {
  type Constant,
  countOf,
  numbersOf,
  type Quantization,
  staticShape,
  type TensorType,
  tensor,
} from "@tflower/core";
import type { WeightScheme } from "../scheme.ts";
import { eachRows } from "./each-rows.ts";

/** What to divide the range by: 8 bits are symmetric, as the kernels want them; 4 have one step more below zero. */
const steps = { i8: { above: 127, below: 127 }, i4: { above: 7, below: 8 } } as const;

/** A scale that the file can hold, of a weight that is all zeros, too. */
const scaleFor = (low: number, high: number, dtype: "i8" | "i4"): number =>
  Math.max(high / steps[dtype].above, -low / steps[dtype].below, 1e-9);

/**
 * Scales of blocks are float16 in the file, and some kernels cut their mantissa to that of bfloat16: they become numbers that are both. What
 * an end of the range loses by it is less than half a step.
 */
export function roundBlockScales(scales: Float32Array): void {
  const bits = new Uint32Array(scales.buffer, scales.byteOffset, scales.length);
  for (let i = 0; i < bits.length; i++) bits[i] = (bits[i]! + 0x8000) & 0xffff0000;
  for (let i = 0; i < scales.length; i++) scales[i] = Math.min(Math.max(scales[i]!, 2 ** -14), 65280);
}

/** Lowest and highest element for each scale; what is no finite number is counted, and in no range. */
export interface WeightRanges {
  readonly low: Float32Array;
  readonly high: Float32Array;
  readonly nonFinite: number;
}

/** Ranges along `axis`, or of each `block` elements along the last axis. Reads the constant once, in pieces. */
export async function weightRanges(c: Constant, by: { axis: number } | { block: number }): Promise<WeightRanges> {
  const shape = staticShape(c.type.shape);
  const count = "axis" in by ? shape[by.axis]! : countOf(shape) / by.block;
  const [low, high] = [new Float32Array(count), new Float32Array(count)];
  let nonFinite = 0;
  const inner = "axis" in by ? countOf(shape.slice(by.axis + 1)) : by.block;
  const row = countOf(shape.slice(1));
  await eachRows(c, (from, rows) => {
    const x = numbersOf(rows);
    // runs of `inner` elements share a scale; `count` of them, over and over
    let at = Math.floor((from * row) / inner) % count;
    for (let i = 0; i < x.length; at = at + 1 === count ? 0 : at + 1) {
      let [l, h] = [low[at]!, high[at]!];
      for (const end = Math.min(i + inner, x.length); i < end; i++) {
        const v = x[i]!;
        if (v - v !== 0) nonFinite++;
        else if (v < l) l = v;
        else if (v > h) h = v;
      }
      low[at] = l;
      high[at] = h;
    }
  });
  return { low, high, nonFinite };
}

/** Ranges as the scales of a scheme. */
export function weightQuantization(
  ranges: WeightRanges,
  scheme: WeightScheme & { readonly dtype: "i8" | "i4" },
  axis: number,
): Quantization {
  const { low, high } = ranges;
  const scales = new Float32Array(low.length);
  for (let i = 0; i < scales.length; i++) scales[i] = scaleFor(low[i]!, high[i]!, scheme.dtype);
  if (typeof scheme.granularity === "object") {
    roundBlockScales(scales);
    return { scales: Array.from(scales), zeroPoints: [], block: scheme.granularity.block };
  }
  return { scales: Array.from(scales), zeroPoints: Array.from(scales, () => 0), axis };
}

/** The type of a weight under a scheme. */
export const weightType = (c: Constant, dtype: "i8" | "i4", q: Quantization): TensorType =>
  tensor(dtype, c.type.shape, q);
