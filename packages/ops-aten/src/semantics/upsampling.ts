import {
  type Dim,
  floorDivDim,
  invalid,
  isStatic,
  mulDim,
  type TensorData,
  type TensorType,
  withShape,
} from "@tflower/core";
import { resampled } from "./resample-data.ts";
import {
  antialiasedSamples,
  cubicSamples,
  type Filter,
  linearSamples,
  nearestPlaces,
  type Resampling,
  type Sample,
} from "./resampling.ts";
import { perAxis } from "./spatial.ts";

/** How neighbours are combined. */
export type UpsampleMode =
  | { readonly kind: "nearest"; readonly rule: "left" | "left of image" | "centre" }
  | { readonly kind: "linear"; readonly alignCorners: boolean }
  | { readonly kind: "cubic"; readonly alignCorners: boolean }
  | { readonly kind: "filter"; readonly filter: Filter; readonly alignCorners: boolean };

/** What the result measures, and the factors that the program gave: they, not the extents, then say where samples lie. */
export interface UpsampleSize {
  readonly size: readonly Dim[];
  readonly scales: readonly (number | undefined)[];
}

/** An extent times a factor, rounded down. */
function scaledExtent(extent: Dim, scale: number): Dim {
  if (isStatic(extent)) return Math.trunc(extent * scale);
  if (Number.isInteger(scale)) return mulDim(extent, scale);
  for (let q = 2; q <= 64; q++) if (Number.isInteger(scale * q)) return floorDivDim(mulDim(extent, scale * q), q);
  return invalid(`cannot express an extent times ${scale}`);
}

/** The size from a list of extents or of factors, exactly one of which is given. */
export function sizeOrScales(
  input: TensorType,
  size: readonly Dim[] | undefined,
  factors: readonly number[] | undefined,
  rank: number,
): UpsampleSize {
  if (!size === !factors) invalid("takes either output_size or scale_factors");
  if (size) return { size: perAxis(size, rank, "output_size"), scales: new Array<undefined>(rank).fill(undefined) };
  const scales = perAxis(factors!, rank, "scale_factors");
  return { size: scales.map((s, i) => scaledExtent(input.shape.at(i - rank)!, s)), scales };
}

/** Result type of resampling the last axes. */
export function upsampledType(input: TensorType, { size }: UpsampleSize): TensorType {
  const rank = size.length;
  if (input.shape.length !== rank + 2) invalid(`takes a tensor of rank ${rank + 2}, got ${input.shape.length}`);
  if (size.some((d) => isStatic(d) && d < 1)) invalid("output_size must be positive");
  return withShape(input, [...input.shape.slice(0, 2), ...size]);
}

/** What each element of an axis is made of. */
export function samplesOf(r: Resampling, mode: UpsampleMode): Sample[] {
  if (mode.kind === "nearest") return nearestPlaces(r, mode.rule).map((i) => [[i, 1]]);
  if (mode.kind === "linear") return linearSamples(r, mode.alignCorners);
  if (mode.kind === "cubic") return cubicSamples(r, mode.alignCorners);
  return antialiasedSamples(r, mode.filter, mode.alignCorners);
}

/** `x` resampled along its last axes. */
export function upsampled(x: TensorData, { size, scales }: UpsampleSize, mode: UpsampleMode): TensorData {
  const shape: readonly number[] = x.type.shape;
  return resampled(
    x,
    size.map((to, i) => samplesOf({ from: shape.at(i - size.length)!, to: to as number, scale: scales[i] }, mode)),
  );
}
