import {
  allocate,
  countOf,
  type NumberCarrier,
  numbersOf,
  roundTo,
  type TensorData,
  type TensorType,
  wrap,
} from "@tflower/core";
import { extentsOf } from "./axes.ts";
import { largerOf } from "./integers.ts";
import { type Padding, paddingBefore } from "./window.ts";

export interface PoolRule {
  readonly start: number;
  readonly fold: (sum: number, x: number) => number;
  readonly finish: (sum: number, count: number) => number;
}
export const poolRules = {
  average: { start: 0, fold: (s, x) => s + x, finish: (s, n) => s / n },
  max: { start: -Infinity, fold: (s, x) => largerOf(x, s), finish: (s) => s },
  l2: { start: 0, fold: (s, x) => s + x * x, finish: (s, n) => Math.sqrt(s / n) },
} as const satisfies Readonly<Record<string, PoolRule>>;

export interface PoolWindow {
  readonly padding: Padding;
  readonly stride_w: number;
  readonly stride_h: number;
  readonly filter_width: number;
  readonly filter_height: number;
}

/** Folds the elements under each window; what lies in the padding is left out. */
export function poolWindows(
  type: TensorType & { readonly shape: readonly number[] },
  x: TensorData,
  a: PoolWindow,
  rule: PoolRule,
): TensorData {
  const [batch, inH, inW, channels] = extentsOf(x) as [number, number, number, number];
  const [, outH, outW] = type.shape as [number, number, number, number];
  const top = paddingBefore(inH, outH, a.filter_height, a.stride_h, 1, a.padding);
  const left = paddingBefore(inW, outW, a.filter_width, a.stride_w, 1, a.padding);
  const from = numbersOf(x);
  const out = allocate(type.dtype, countOf(type.shape)) as NumberCarrier;
  const round = roundTo(type.dtype) ?? ((v: number) => v);
  let w = 0;
  for (let n = 0; n < batch; n++)
    for (let oh = 0; oh < outH; oh++)
      for (let ow = 0; ow < outW; ow++) {
        const h0 = Math.max(0, oh * a.stride_h - top);
        const h1 = Math.min(inH, oh * a.stride_h - top + a.filter_height);
        const w0 = Math.max(0, ow * a.stride_w - left);
        const w1 = Math.min(inW, ow * a.stride_w - left + a.filter_width);
        for (let c = 0; c < channels; c++) {
          let sum = rule.start;
          for (let h = h0; h < h1; h++)
            for (let v = w0; v < w1; v++) sum = rule.fold(sum, from[((n * inH + h) * inW + v) * channels + c]!);
          out[w++] = round(rule.finish(sum, (h1 - h0) * (w1 - w0)));
        }
      }
  return wrap(type, out);
}
