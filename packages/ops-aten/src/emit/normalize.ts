import { tfl } from "@tflower/backend-tflite";
import type { Emit, Value } from "@tflower/core";
import { addNumber, numberLike, squared } from "./compute.ts";
import { add, div, mul, sub } from "./pointwise.ts";
import { meanOver } from "./reduce.ts";

/** `1 / sqrt(x + eps)` of numbers that are not negative. XNNPACK's RSQRT gives NaN for zero and for what it takes for zero. */
export function rsqrtPlus(emit: Emit, x: Value, eps: number): Value {
  const input = addNumber(emit, x, eps);
  return eps > 1e-30 ? emit(tfl.rsqrt, { input }) : div(emit, numberLike(emit, x, 1), emit(tfl.sqrt, { input }));
}

/** The input less its mean, its mean, and the reciprocal of its deviation over `axes`, all with their axes kept. In two passes: cancellation costs no digits. */
export interface Centred {
  readonly centred: Value;
  readonly mean: Value;
  readonly reciprocal: Value;
}
export function centre(emit: Emit, x: Value, axes: readonly number[], eps: number): Centred {
  const mean = meanOver(emit, x, axes, true);
  const centred = sub(emit, x, mean);
  return { centred, mean, reciprocal: rsqrtPlus(emit, meanOver(emit, squared(emit, centred), axes, true), eps) };
}

/** `x * weight + bias`, either of which may be missing. */
export function affine(emit: Emit, x: Value, weight: Value | undefined, bias: Value | undefined): Value {
  const scaled = weight ? mul(emit, x, weight) : x;
  return bias ? add(emit, scaled, bias) : scaled;
}
