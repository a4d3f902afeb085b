import type { Quantization } from "@tflower/core";

/** Lowest and highest number that integers have to stand for. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** The range that holds both. */
export const bothRanges = (a: Range, b: Range): Range => ({ min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) });

/** A range around zero, which integers always stand for exactly, wider by `margin` of itself. */
export const widened = (r: Range, margin: number): Range => ({
  min: Math.min(0, r.min) * (1 + margin),
  max: Math.max(0, r.max) * (1 + margin),
});

/** Scales are products of others in accumulators: they must stay normal numbers there. Values of a dying signal are smaller than one expects. */
const leastScale = 1e-18;

/** Whether a range says nothing: the value was zero all the time. */
const isEmpty = (r: Range): boolean => !(r.max > r.min);

/**
 * Scale and zero point for activations: 8 bits use all codes, with a zero that is one of them; 16 bits are symmetric, as the kernels demand.
 * A value that was always zero gets codes for -1 to 1: whatever it may be one day.
 */
export function activationQuantization(range: Range, dtype: "i8" | "i16"): Quantization {
  const r = isEmpty(range) ? { min: -1, max: 1 } : { min: Math.min(0, range.min), max: Math.max(0, range.max) };
  if (dtype === "i16") {
    const most = Math.max(-r.min, r.max);
    return { scales: [Math.fround(Math.max(most / 32767, leastScale))], zeroPoints: [0] };
  }
  const scale = Math.fround(Math.max((r.max - r.min) / 255, leastScale));
  const zeroPoint = Math.round(-128 - r.min / scale);
  return { scales: [scale], zeroPoints: [Math.min(127, Math.max(-128, zeroPoint))] };
}
