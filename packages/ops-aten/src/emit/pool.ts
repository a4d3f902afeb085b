import { tfl } from "@tflower/backend-tflite";
import {
  addDim,
  type Dim,
  type Emit,
  isStatic,
  isStaticShape,
  maxDim,
  minDim,
  mulDim,
  scalarData,
  subDim,
  tensorData,
  type Value,
} from "@tflower/core";
import { paddedCounts, productsByPlace } from "../semantics/pooling.ts";
import { type Sliding, slidingTaps, spanOf, windowCount } from "../semantics/spatial.ts";
import type { Slides } from "./convolve.ts";
import { lowest, type Margin, noMargin, padded } from "./padding.ts";

/** How many windows there are along each axis of an image. */
const counts = (image: Value, slides: Slides, ceil: boolean): Dim[] =>
  slides.map((s, i) => windowCount(image.type.shape[i + 1]!, s, ceil));

/** Whether the kernel's SAME makes `count` windows where `s` has them. */
function isSame(extent: Dim, count: Dim, s: Sliding): boolean {
  if (s.stride === 1) return s.before + s.after === s.kernel - 1 && s.before === Math.floor((s.kernel - 1) / 2);
  if (!isStatic(extent) || count !== Math.ceil(extent / s.stride)) return false;
  return s.before === Math.floor(Math.max((count - 1) * s.stride + s.kernel - extent, 0) / 2);
}

/** Elements that windows reach beyond the image, before and after. */
const reach = (image: Value, slides: Slides, ceil: boolean): Margin[] =>
  counts(image, slides, ceil).map((count, i) => {
    const s = slides[i]!;
    const end = addDim(mulDim(addDim(count, -1), s.stride), spanOf(s) - s.before);
    return [s.before, maxDim(subDim(end, image.type.shape[i + 1]!), 0)];
  });

const isIdentity = (slides: Slides): boolean =>
  slides.every((s) => s.kernel === 1 && s.stride === 1 && s.before + s.after === 0);
const options = (slides: Slides, padding: "SAME" | "VALID") => ({
  padding,
  filter_height: slides[0].kernel,
  filter_width: slides[1].kernel,
  stride_h: slides[0].stride,
  stride_w: slides[1].stride,
});

/** Largest elements over windows, without dilation, of `[N, H, W, C]`. */
export function maxImage(emit: Emit, image: Value, slides: Slides, ceil: boolean): Value {
  if (isIdentity(slides)) return image;
  const margins = reach(image, slides, ceil);
  const count = counts(image, slides, ceil);
  if (
    margins.some(([a, b]) => a !== 0 || b !== 0) &&
    slides.every((s, i) => isSame(image.type.shape[i + 1]!, count[i]!, s))
  )
    return emit(tfl.maxPool2d, { input: image }, options(slides, "SAME"));
  return emit(
    tfl.maxPool2d,
    { input: padded(emit, image, [noMargin, ...margins, noMargin], lowest(emit, image)) },
    options(slides, "VALID"),
  );
}

/** What the elements of a window are counted as: those of the tensor, those of its padding as well, or always the whole window. */
export type Counted = "elements" | "padding" | "window";

/** Means over windows of `[N, H, W, C]`. */
export function averageImage(emit: Emit, image: Value, slides: Slides, ceil: boolean, counted: Counted): Value {
  if (isIdentity(slides)) return image;
  const margins = reach(image, slides, ceil);
  const count = counts(image, slides, ceil);
  const space = image.type.shape.slice(1, 3);
  // the kernel leaves its own padding out
  if (
    counted === "elements" &&
    margins.some(([a, b]) => a !== 0 || b !== 0) &&
    slides.every((s, i) => isSame(space[i]!, count[i]!, s))
  )
    return emit(tfl.averagePool2d, { input: image }, options(slides, "SAME"));
  const mean = (x: Value, around: readonly Margin[]): Value =>
    emit(tfl.averagePool2d, { input: padded(emit, x, [noMargin, ...around, noMargin]) }, options(slides, "VALID"));
  const means = mean(image, margins);
  const factors = correction(space, count, slides, ceil, counted);
  if (factors?.every((f) => f === 1)) return means;
  if (factors)
    return emit(tfl.mul, {
      lhs: means,
      rhs: emit.constant(tensorData("f32", [1, ...(count as number[]), 1], factors)),
    });
  // extents are known when the program runs: the mean of ones, zeros around them, is the part of each window that counts
  const inside = slides.map(
    (s, i): Margin => (counted === "padding" ? [s.before, minDim(s.after, margins[i]![1])] : noMargin),
  );
  const dims = [1, ...space.map((d, i) => addDim(d, addDim(inside[i]![0], inside[i]![1]))), 1];
  const ones = emit(tfl.fill, { value: emit.constant(scalarData("f32", 1)) }, { dims });
  const outside = margins.map(([a, b], i): Margin => [subDim(a, inside[i]![0]), subDim(b, inside[i]![1])]);
  return emit(tfl.div, { lhs: means, rhs: mean(ones, outside) });
}

/** By place, what a mean over the whole window has to be multiplied by. */
function correction(
  space: readonly Dim[],
  count: readonly Dim[],
  slides: Slides,
  ceil: boolean,
  counted: Counted,
): number[] | undefined {
  const plain = slides.every((s) => (counted === "padding" ? !ceil : s.before + s.after === 0 && !ceil));
  if (plain || counted === "window") return [1];
  if (!isStaticShape(space) || !isStaticShape(count)) return undefined;
  const area = slides[0].kernel * slides[1].kernel;
  const each = slides.map((s, i) =>
    counted === "padding"
      ? paddedCounts(space[i]!, count[i]!, s)
      : slidingTaps(space[i]!, count[i]!, s).map((t) => t.length),
  );
  return productsByPlace(each).map((n) => area / n);
}

/** `x` times a number. */
export const scaled = (emit: Emit, x: Value, factor: number): Value =>
  factor === 1 ? x : emit(tfl.mul, { lhs: x, rhs: emit.constant(scalarData("f32", factor)) });
