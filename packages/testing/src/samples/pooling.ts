import { aten } from "@tflower/ops-aten";
import { defineSample, type Sample, slot } from "../application/sample.ts";
import type { Values } from "../arbitrary/elements.ts";
import type { Choose } from "../choose/choose.ts";

function drawPool(choose: Choose, rank: number, dilated: boolean, values: Values) {
  const each = (low: number, high: number, plain: number): number[] =>
    Array.from({ length: rank }, () => (choose.maybe(plain) ? choose.between(low, high) : low));
  const kernel_size = each(1, rank > 2 ? 3 : 4, 0.9);
  const dilation = dilated ? each(1, 3, 0.3) : kernel_size.map(() => 1);
  // PyTorch pads by at most half a window
  const padding = kernel_size.map((k) => (choose.maybe(0.4) ? choose.below(Math.floor(k / 2) + 1) : 0));
  const stride = choose.maybe(0.3) ? [] : each(1, 3, 0.6);
  const space = kernel_size.map((k, i) =>
    choose.between(
      Math.max(1, dilation[i]! * (k - 1) + 1 - 2 * padding[i]!),
      dilation[i]! * (k - 1) + (rank > 2 ? 3 : 6),
    ),
  );
  const batch = choose.maybe(0.8) ? [choose.between(1, 2)] : [];
  const self = slot("f32", [...batch, choose.between(1, 3), ...space], { values });
  return { operands: { self }, attrs: { kernel_size, stride, padding, ceil_mode: choose.maybe(0.4) }, dilation };
}
const max = (rank: number) => (choose: Choose) => {
  // the kernels pass over NaN, as PyTorch's do not
  const { operands, attrs, dilation } = drawPool(choose, rank, true, "ordered");
  return { operands, attrs: { ...attrs, dilation } };
};
const average = (rank: number) => (choose: Choose) => {
  const { operands, attrs } = drawPool(choose, rank, false, "moderate");
  const divisor = rank > 1 && choose.maybe(0.3) ? { divisor_override: choose.between(1, 5) } : {};
  return { operands, attrs: { ...attrs, count_include_pad: !choose.maybe(0.5), ...divisor } };
};
/** Uneven bins are sums with weights of zero, which NaN and infinities would come through. */
const adaptive = (rank: number) => (choose: Choose) => {
  const output_size = Array.from({ length: rank }, () => choose.between(1, 4));
  const space = output_size.map((o) => (choose.maybe(0.5) ? o * choose.between(1, 3) : choose.between(1, 7)));
  const batch = choose.maybe(0.8) ? [choose.between(1, 2)] : [];
  return {
    operands: { self: slot("f32", [...batch, choose.between(1, 3), ...space], { values: "finite" }) },
    attrs: { output_size },
  };
};

/** Pooling, with windows whose axes know nothing of one another. */
export const poolingSamples: readonly Sample[] = [
  defineSample(aten.maxPool1d, max(1)),
  defineSample(aten.maxPool2d, max(2)),
  defineSample(aten.maxPool3d, max(3)),
  defineSample(aten.maxPool1dWithIndices, max(1)),
  defineSample(aten.maxPool2dWithIndices, max(2)),
  defineSample(aten.maxPool3dWithIndices, max(3)),
  defineSample(aten.avgPool1d, average(1)),
  defineSample(aten.avgPool2d, average(2)),
  defineSample(aten.avgPool3d, average(3)),
  defineSample(aten.adaptiveAvgPool1d, adaptive(1)),
  defineSample(aten.adaptiveAvgPool2d, adaptive(2)),
  defineSample(aten.adaptiveAvgPool3d, adaptive(3)),
  defineSample(aten._adaptiveAvgPool2d, adaptive(2)),
  defineSample(aten._adaptiveAvgPool3d, adaptive(3)),
  defineSample(aten.adaptiveMaxPool1d, adaptive(1)),
  defineSample(aten.adaptiveMaxPool2d, adaptive(2)),
  defineSample(aten.adaptiveMaxPool3d, adaptive(3)),
];
