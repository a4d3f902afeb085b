import { type Dim, type TensorData, type TensorType, tensor } from "@tflower/core";
import { castData, mapNumbers } from "./pointwise.ts";
import { reducedShape, reduceNumbers, sumOf } from "./reduce.ts";
import { varianceOf } from "./variance.ts";
import { reshaped } from "./views.ts";

/** Mean and biased variance over `axes`, axes kept, in double precision. */
export interface Moments {
  readonly mean: TensorData;
  readonly variance: TensorData;
}
export function momentsOf(x: TensorData, axes: readonly number[]): Moments {
  const wide = castData(x, "f64");
  const type = tensor("f64", reducedShape(x.type.shape, axes, true));
  return {
    mean: reduceNumbers(type, wide, axes, (line) => sumOf(line) / line.length),
    variance: reduceNumbers(type, wide, axes, (line) => varianceOf(line, 0)),
  };
}
/** `1 / sqrt(variance + eps)`. */
export const reciprocalDeviation = (variance: TensorData, eps: number): TensorData =>
  mapNumbers(variance.type, [castData(variance, "f64")], (v) => 1 / Math.sqrt(v + eps));

/** `(x - mean) / sqrt(variance + eps) * weight + bias`; everything broadcasts to `x`. */
export function normalized(
  type: TensorType,
  x: TensorData,
  { mean, variance }: Moments,
  eps: number,
  weight: TensorData | undefined,
  bias: TensorData | undefined,
): TensorData {
  const scale = reciprocalDeviation(variance, eps);
  const operands = [x, mean, scale, ...(weight ? [weight] : []), ...(bias ? [bias] : [])];
  return mapNumbers(type, operands, (v, m, s, a, b) => {
    const y = (v! - m!) * s!;
    return weight ? y * a! + (bias ? b! : 0) : y + (bias ? a! : 0);
  });
}

/** {@link normalized} as `x * scale + shift`, which differs where the scale is infinite. */
export function normalizedByFactor(
  type: TensorType,
  x: TensorData,
  { mean, variance }: Moments,
  eps: number,
  weight: TensorData | undefined,
  bias: TensorData | undefined,
): TensorData {
  const reciprocal = reciprocalDeviation(variance, eps);
  const scale = weight ? mapNumbers(reciprocal.type, [reciprocal, weight], (r, w) => r * w) : reciprocal;
  const shift = mapNumbers(scale.type, [scale, mean, ...(bias ? [bias] : [])], (s, m, b) => (b ?? 0) - m * s);
  return mapNumbers(type, [x, scale, shift], (v, s, t) => v * s + t);
}

/** A vector with one element per channel, shaped to go with axis 1 of a tensor of `rank` axes. */
export const perChannel = (v: TensorData, rank: number): TensorData =>
  reshaped(v, channelShape(v.type.shape[0]!, rank));
export const channelShape = <D extends Dim>(channels: D, rank: number): D[] =>
  Array.from({ length: rank }, (_, i) => (i === 1 ? channels : (1 as D)));
/** Every axis but the channels'. */
export const nonChannelAxes = (rank: number): number[] =>
  Array.from({ length: rank }, (_, i) => i).filter((i) => i !== 1);
