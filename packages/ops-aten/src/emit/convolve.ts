import { tfl } from "@tflower/backend-tflite";
import { addDim, type Dim, type Emit, isStatic, mulDim, tensorData, type Value } from "@tflower/core";
import { type Sliding, scatteredExtent, spanOf, windowCount } from "../semantics/spatial.ts";
import { type Margin, noMargin, padded, spreadAxis } from "./padding.ts";
import { permuteBy, reshapeTo } from "./rearrange.ts";

/** How a window slides over an image: down, then right. */
export type Slides = readonly [Sliding, Sliding];
/** An axis of extent 1 that a window of one element covers. */
export const still: Sliding = { kernel: 1, stride: 1, dilation: 1, before: 0, after: 0 };

/** Whether TFLite's SAME pads an axis as `s` does; its stride decides how, with the extent. */
export function isSame(extent: Dim, s: Sliding): boolean {
  const span = spanOf(s);
  if (s.stride === 1) return s.before + s.after === span - 1 && s.before === Math.floor((span - 1) / 2);
  if (!isStatic(extent)) return false;
  const count = Math.ceil(extent / s.stride);
  const total = Math.max((count - 1) * s.stride + span - extent, 0);
  return s.before === Math.floor(total / 2) && windowCount(extent, s) === count;
}

/** The image padded as far as the kernel does not do it by itself, and what is left to the kernel. */
function padImage(
  emit: Emit,
  image: Value,
  slides: Slides,
): { readonly input: Value; readonly padding: "SAME" | "VALID" } {
  if (slides.every((s, i) => isSame(image.type.shape[i + 1]!, s)) && slides.some((s) => s.before + s.after > 0))
    return { input: image, padding: "SAME" };
  const margins = slides.map((s): Margin => [s.before, s.after]);
  return { input: padded(emit, image, [noMargin, ...margins, noMargin]), padding: "VALID" };
}

/** Kernels are delegated only with a bias. */
export const biasOrZeros = (emit: Emit, bias: Value | undefined, channels: number): Value =>
  bias ?? emit.constant(tensorData("f32", [channels], new Float32Array(channels)));

/** Convolves `[N, H, W, C]` with PyTorch's `[O, C / groups, kh, kw]`. */
export function convolveImage(
  emit: Emit,
  image: Value,
  weight: Value,
  bias: Value | undefined,
  slides: Slides,
  groups: number,
): Value {
  const [outs, ins] = weight.type.shape as readonly number[] as [number, number];
  const { input, padding } = padImage(emit, image, slides);
  const attrs = {
    padding,
    stride_h: slides[0].stride,
    stride_w: slides[1].stride,
    dilation_h_factor: slides[0].dilation,
    dilation_w_factor: slides[1].dilation,
  };
  const sum = biasOrZeros(emit, bias, outs);
  if (groups > 1 && ins === 1) {
    const filter = permuteBy(emit, weight, [1, 2, 3, 0]);
    return emit(tfl.depthwiseConv2d, { input, filter, bias: sum }, { ...attrs, depth_multiplier: outs / groups });
  }
  return emit(tfl.conv2d, { input, filter: permuteBy(emit, weight, [0, 2, 3, 1]), bias: sum }, attrs);
}

/** Convolves `[N, H, W, C]` with the transpose of PyTorch's `[C, O / groups, kh, kw]`. */
export function convolveImageTransposed(
  emit: Emit,
  image: Value,
  weight: Value,
  bias: Value | undefined,
  slides: Slides,
  extra: readonly [number, number],
  groups: number,
): Value {
  return groups === 1
    ? scatterImage(emit, image, weight, bias, slides, extra)
    : spreadAndConvolve(emit, image, weight, bias, slides, extra, groups);
}

/** By the builtin, which knows no dilation: zeros go between the weights. */
function scatterImage(
  emit: Emit,
  image: Value,
  weight: Value,
  bias: Value | undefined,
  slides: Slides,
  extra: readonly [number, number],
): Value {
  const [, outs] = weight.type.shape as readonly number[] as [number, number];
  const filter = permuteBy(emit, weight, [1, 2, 3, 0]);
  const weights = slides.reduce((w, s, i) => spreadAxis(emit, w, i + 1, s.dilation), filter);
  const [n, ...space] = image.type.shape as [Dim, Dim, Dim, Dim];
  const attrs = { stride_h: slides[0].stride, stride_w: slides[1].stride };
  const wanted = slides.map((s, i) => scatteredExtent(space[i]!, s, extra[i]!));
  // SAME takes away half of what the kernel sticks out, the smaller half in front
  const same = slides.every((s, i) => {
    const over = s.before + s.after - extra[i]!;
    const rest = spanOf(s) - s.stride;
    // the result has in * stride + rest - over elements, which must be at most in * stride and more than a stride less
    return over >= rest && over - rest < s.stride && s.before === Math.floor(Math.max(over, 0) / 2);
  });
  const channels = biasOrZeros(emit, bias, outs);
  if (same)
    return emit(
      tfl.transposeConv,
      { weights, input: image, bias: channels },
      { ...attrs, padding: "SAME", output_shape: [n, ...wanted, outs] },
    );
  // what padding takes away in front has to be computed, what output padding adds behind only as far as the stride goes
  const behind = slides.map((s, i) => extra[i]! - s.after);
  const kept = slides.map((s, i) => Math.min(Math.max(behind[i]!, 0), s.stride - 1));
  const whole = slides.map((s, i) => addDim(scatteredExtent(space[i]!, { ...s, before: 0, after: 0 }, 0), kept[i]!));
  const missing = behind.some((b, i) => b > kept[i]!);
  const full = emit(
    tfl.transposeConv,
    { weights, input: image, bias: missing ? biasOrZeros(emit, undefined, outs) : channels },
    { ...attrs, padding: "VALID", output_shape: [n, ...whole, outs] },
  );
  const margins = slides.map((s, i): Margin => [-s.before, behind[i]! - kept[i]!]);
  const result = padded(emit, full, [noMargin, ...margins, noMargin]);
  return missing ? emit(tfl.add, { lhs: result, rhs: channels }) : result;
}

/** By a convolution with the reversed kernel over the image with zeros between its pixels: the builtin knows no groups. */
function spreadAndConvolve(
  emit: Emit,
  image: Value,
  weight: Value,
  bias: Value | undefined,
  slides: Slides,
  extra: readonly [number, number],
  groups: number,
): Value {
  const [ins, outs, kh, kw] = weight.type.shape as readonly number[] as [number, number, number, number];
  const grouped = reshapeTo(emit, weight, [groups, ins / groups, outs, kh * kw]);
  const forward = reshapeTo(emit, permuteBy(emit, grouped, [0, 2, 1, 3]), [groups * outs, ins / groups, kh, kw]);
  const reversed =
    kh * kw === 1
      ? forward
      : emit(tfl.reverseV2, { input: reshapeTo(emit, forward, [groups * outs, ins / groups, kh * kw]) }, { axes: [2] });
  const spread = slides.reduce((x, s, i) => spreadAxis(emit, x, i + 1, s.stride), image);
  const around = slides.map((s, i): Margin => [spanOf(s) - 1 - s.before, spanOf(s) - 1 - s.after + extra[i]!]);
  // margins that the convolution can take stay with it
  const taken = slides.map((s, i): Sliding => {
    const [before, after] = around[i] as [number, number];
    return { ...s, stride: 1, before: Math.max(before, 0), after: Math.max(after, 0) };
  }) as unknown as Slides;
  const cut = around.map(([a, b]): Margin => [Math.min(a as number, 0), Math.min(b as number, 0)]);
  return convolveImage(
    emit,
    padded(emit, spread, [noMargin, ...cut, noMargin]),
    reshapeTo(emit, reversed, [groups * outs, ins / groups, kh, kw]),
    bias,
    taken,
    groups,
  );
}

/** `[N, D, H, W, C]` at depth `from`, `from + step`, ...: `count` of them. */
export function everyDepth(emit: Emit, x: Value, from: number, step: number, count: Dim): Value {
  const [n, , h, ...rest] = x.type.shape as [Dim, Dim, Dim, ...Dim[]];
  const size = x.type.shape;
  if (step === 1)
    return emit(
      tfl.slice,
      { input: x },
      { begin: size.map((_, i) => (i === 1 ? from : 0)), size: size.with(1, count) },
    );
  // steps become an axis of their own: a strided slice is slow
  const need = addDim(mulDim(count, step), Math.floor(from / step) * step);
  const margin = addDim(need, mulDim(size[1]!, -1));
  const whole = padded(
    emit,
    x,
    size.map((_, i) => (i === 1 ? [0, margin] : noMargin)),
  );
  const split = reshapeTo(emit, whole, [n, addDim(count, Math.floor(from / step)), mulDim(h, step), ...rest]);
  const begin = split.type.shape.map((_, i) =>
    i === 1 ? Math.floor(from / step) : i === 2 ? mulDim(h, from % step) : 0,
  );
  return emit(tfl.slice, { input: split }, { begin, size: [n, count, h, ...rest] });
}
