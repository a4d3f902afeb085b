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

const f = Math.fround;

/** Input extent over output extent in single precision, as kernels compute it: at ties every bit counts. */
const scale = (from: number, to: number, alignCorners: boolean): number =>
  alignCorners && to > 1 ? f((from - 1) / (to - 1)) : f(from / to);

/** For each place along an axis, the input place that nearest-neighbour resizing takes. */
export function nearestPlaces(from: number, to: number, alignCorners: boolean, halfPixel: boolean): number[] {
  const s = scale(from, to, alignCorners);
  return Array.from({ length: to }, (_, i) => {
    const at = f(f(i + (halfPixel ? 0.5 : 0)) * s);
    const place = alignCorners ? Math.floor(at + 0.5) : Math.floor(at);
    return Math.max(0, Math.min(place, from - 1));
  });
}

interface Between {
  readonly low: number;
  readonly high: number;
  readonly weight: number;
}
function between(from: number, to: number, alignCorners: boolean, halfPixel: boolean): Between[] {
  const s = scale(from, to, alignCorners);
  return Array.from({ length: to }, (_, i) => {
    const at = halfPixel ? f(f(f(i + 0.5) * s) - 0.5) : f(i * s);
    const low = Math.max(0, Math.floor(at));
    return { low, high: Math.min(Math.ceil(at), from - 1), weight: at - low };
  });
}

/** Bilinear interpolation of an NHWC image. */
export function resizeBilinearly(
  type: TensorType & { readonly shape: readonly number[] },
  x: TensorData,
  alignCorners: boolean,
  halfPixel: boolean,
): TensorData {
  const [n, h, w, c] = extentsOf(x) as [number, number, number, number];
  const [, oh, ow] = type.shape as [number, number, number];
  const rows = between(h, oh, alignCorners, halfPixel);
  const columns = between(w, ow, alignCorners, halfPixel);
  const from = numbersOf(x);
  const out = allocate(type.dtype, countOf(type.shape)) as NumberCarrier;
  const round = roundTo(type.dtype) ?? ((v: number) => v);
  let o = 0;
  for (let b = 0; b < n; b++)
    for (const r of rows)
      for (const k of columns)
        for (let i = 0; i < c; i++) {
          const at = (y: number, v: number): number => from[((b * h + y) * w + v) * c + i]!;
          const up = at(r.low, k.low) * (1 - k.weight) + at(r.low, k.high) * k.weight;
          const down = at(r.high, k.low) * (1 - k.weight) + at(r.high, k.high) * k.weight;
          out[o++] = round(up * (1 - r.weight) + down * r.weight);
        }
  return wrap(type, out);
}
