import { tfl } from "@tflower/backend-tflite";
import type { Emit, Value } from "@tflower/core";
import { add, addNumber, mul, squared, sub } from "./compute.ts";
import { meanOver } from "./reduce.ts";

/** `1 / sqrt(x + eps)`. */
export const rsqrtPlus = (emit: Emit, x: Value, eps: number): Value => emit(tfl.rsqrt, { input: addNumber(emit, x, eps) });

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
