import { allocate, countOf, type NumberCarrier, type TensorData, tensor, wrap } from "@tflower/core";
import { extentsOf } from "../axes.ts";
import { staticType } from "../pointwise.ts";
import { gridOf } from "./codes.ts";
import type { EvaluateQuantized } from "./quantized-kernel.ts";

interface Place {
  readonly low: number;
  readonly high: number;
  /** How far behind `low`, of 1024. */
  readonly rest: number;
}

/** Where each result pixel lies between two pixels, with 10 bits after the point. */
function places(input: number, output: number, alignCorners: boolean, halfPixels: boolean): readonly Place[] {
  const scale =
    alignCorners && output > 1
      ? Math.trunc((1024 * (input - 1) + Math.trunc((output - 1) / 2)) / (output - 1))
      : Math.trunc((1024 * input + Math.trunc(output / 2)) / output);
  return Array.from({ length: output }, (_, i) => {
    const at = i * scale + (halfPixels ? Math.trunc(scale / 2) - 512 : 0);
    const low = Math.max(Math.trunc(at / 1024), 0);
    const high = Math.min(Math.trunc((at + 1023) / 1024), input - 1);
    return { low, high, rest: at - 1024 * low };
  });
}

/** Bilinear between codes of one grid; halves go away from zero. */
export const resizeBilinearCodes: EvaluateQuantized = ({ input }, attrs, [type]) => {
  const x = input as TensorData;
  const [from, to] = [gridOf(x.type), gridOf(type)];
  if (!from || !to || from.dtype === "u8" || from.dtype !== to.dtype) return undefined;
  if (from.scale !== to.scale || from.zero !== to.zero) return undefined;
  const shape = staticType(type!).shape;
  const [batch, height, width, channels] = extentsOf(x) as [number, number, number, number];
  const flags = [attrs["align_corners"] === true, attrs["half_pixel_centers"] === true] as const;
  const ys = places(height, shape[1]!, ...flags);
  const xs = places(width, shape[2]!, ...flags);
  const codes = x.data as NumberCarrier;
  const out = allocate(to.dtype, countOf(shape)) as NumberCarrier;
  let w = 0;
  for (let n = 0; n < batch; n++)
    for (const v of ys)
      for (const h of xs)
        for (let c = 0; c < channels; c++) {
          const code = (i: number, j: number): number => codes[((n * height + i) * width + j) * channels + c]!;
          const sum =
            code(v.low, h.low) * (1024 - v.rest) * (1024 - h.rest) +
            code(v.high, h.low) * v.rest * (1024 - h.rest) +
            code(v.low, h.high) * (1024 - v.rest) * h.rest +
            code(v.high, h.high) * v.rest * h.rest;
          out[w++] = Math.trunc((sum + (sum > 0 ? 2 ** 19 : -(2 ** 19))) / 2 ** 20);
        }
  return wrap(staticType(tensor(to.dtype, shape, type!.quant)), out);
};
