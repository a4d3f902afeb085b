import { tfl } from "@tflower/backend-tflite";
import { type Dim, type Emit, isStatic, sizeOf, type Value } from "@tflower/core";
import { type Sliding, spanOf, windowCount } from "../semantics/spatial.ts";
import { depthAsBatch } from "./channels-last.ts";
import { biasOrZeros, convolveImage, convolveImageTransposed, everyDepth, type Slides } from "./convolve.ts";
import { paddedAxis, spreadAxis } from "./padding.ts";
import { reshapeTo, selectAxis } from "./rearrange.ts";

type Volume = readonly [Sliding, Sliding, Sliding];

/** Whether every window is one element of the axis. */
const passes = (s: Sliding): boolean => s.kernel === 1 && s.stride === 1 && s.before + s.after === 0;

/** Why a volume cannot be convolved, if it cannot. */
export const volumeObstacle = (depth: Dim, s: Sliding): string | undefined =>
  s.stride > 1 && !isStatic(depth) ? "needs a static depth where the stride along it is not 1" : undefined;

/**
 * Convolves `[N, D, H, W, C]` with PyTorch's `[O, C / groups, kd, kh, kw]`: a sum of image convolutions, one for each place of the
 * kernel along the depth, with depth as batch. Images are what delegates know, and what knows groups.
 */
export function convolveVolume(
  emit: Emit,
  x: Value,
  weight: Value,
  bias: Value | undefined,
  [deep, ...slides]: Volume,
  groups: number,
): Value {
  const [n, d, h, w, c] = x.type.shape as [Dim, Dim, Dim, Dim, Dim];
  const [outs, ins, kd] = weight.type.shape as readonly number[] as [number, number, number];
  if (slides.every(passes)) {
    // only along the depth: one image of depth by area
    const filter = reshapeTo(emit, weight, [outs, ins, kd, 1]);
    const image = convolveImage(
      emit,
      reshapeTo(emit, x, [n, d, sizeOf([h, w]), c]),
      filter,
      bias,
      [deep, slides[1]!],
      groups,
    );
    return reshapeTo(emit, image, [n, image.type.shape[1]!, h, w, outs]);
  }
  const count = windowCount(d, deep);
  const full = paddedAxis(emit, x, 1, [deep.before, deep.after]);
  const terms = Array.from({ length: kd }, (_, k) => {
    const images = depthAsBatch(emit, everyDepth(emit, full, k * deep.dilation, deep.stride, count));
    return convolveImage(
      emit,
      images,
      selectAxis(emit, weight, 2, k),
      k === 0 ? bias : undefined,
      slides as unknown as Slides,
      groups,
    );
  });
  const sum = terms.reduce((lhs, rhs) => emit(tfl.add, { lhs, rhs }));
  return reshapeTo(emit, sum, [n, count, ...sum.type.shape.slice(1)]);
}

/** Pads or crops either end of the depth. A part that is cropped away as a whole is zeros: those come before the cropping. */
function shiftedDepth(emit: Emit, x: Value, before: number, after: number): Value {
  const extent = x.type.shape[1]!;
  if (isStatic(extent) && Math.min(before, after) > -extent) return paddedAxis(emit, x, 1, [before, after]);
  const wide = paddedAxis(emit, x, 1, [Math.max(before, 0), Math.max(after, 0)]);
  return paddedAxis(emit, wide, 1, [Math.min(before, 0), Math.min(after, 0)]);
}

/** Convolves `[N, D, H, W, C]` with the transpose of PyTorch's `[C, O / groups, kd, kh, kw]`: images scattered along the depth. */
export function convolveVolumeTransposed(
  emit: Emit,
  x: Value,
  weight: Value,
  bias: Value | undefined,
  [deep, ...slides]: Volume,
  extra: readonly [number, number, number],
  groups: number,
): Value {
  const [n, d] = x.type.shape as [Dim, Dim];
  const [, outs, kd] = weight.type.shape as readonly number[] as [number, number, number];
  const images = depthAsBatch(emit, x);
  const end = spanOf(deep) - 1;
  const terms = Array.from({ length: kd }, (_, k) => {
    const part = convolveImageTransposed(
      emit,
      images,
      selectAxis(emit, weight, 2, k),
      undefined,
      slides as unknown as Slides,
      [extra[1], extra[2]],
      groups,
    );
    const volume = reshapeTo(emit, part, [n, d, ...part.type.shape.slice(1)]);
    const spread = spreadAxis(emit, volume, 1, deep.stride);
    return shiftedDepth(emit, spread, k * deep.dilation - deep.before, end - k * deep.dilation - deep.after + extra[0]);
  });
  const sum = terms.reduce((lhs, rhs) => emit(tfl.add, { lhs, rhs }));
  return bias ? emit(tfl.add, { lhs: sum, rhs: biasOrZeros(emit, bias, outs * groups) }) : sum;
}
