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
import { type Padding, paddingBefore } from "./window.ts";

/** Three numbers by spatial axis: depth, height, width. */
export type Triple = readonly [number, number, number];
type Volume = readonly [batch: number, depth: number, height: number, width: number, channels: number];

/** A convolution over channels-last images; two spatial axes are three with a depth of one. */
export interface Convolution {
  readonly kernel: Triple;
  readonly stride: Triple;
  readonly dilation: Triple;
  readonly padding: Padding;
  /** Filter channels that one result channel reads. */
  readonly depthPerGroup: number;
  /** Steps in the filter along depth, height, width, its input channels and its output channels. */
  readonly filterSteps: readonly [number, number, number, number, number];
}

const volume = (shape: readonly number[]): Volume =>
  shape.length === 5 ? (shape as unknown as Volume) : [shape[0]!, 1, shape[1]!, shape[2]!, shape[3]!];

/** Sums are kept in double precision and rounded once. */
function finish(type: TensorType, sums: Float64Array, bias: TensorData | undefined): TensorData {
  const out = allocate(type.dtype, sums.length) as NumberCarrier;
  const round = roundTo(type.dtype);
  const add = bias && numbersOf(bias);
  const channels = add?.length ?? 1;
  for (let i = 0; i < sums.length; i++) {
    const v = sums[i]! + (add ? add[i % channels]! : 0);
    out[i] = round ? round(v) : v;
  }
  return wrap(type, out);
}

type Spatial = readonly [depth: number, height: number, width: number, channels: number];

/**
 * Lays the filter's window at each pixel of `grid` and visits the pixels of `image` under it; pixels and taps are given by where their
 * channels begin.
 */
function eachTap(
  [batch, grid, image]: readonly [number, Spatial, Spatial],
  c: Omit<Convolution, "depthPerGroup">,
  visit: (grid: number, image: number, tap: number) => void,
): void {
  const [gridD, gridH, gridW, gridC] = grid;
  const [imageD, imageH, imageW, imageC] = image;
  const [padD, padH, padW] = [0, 1, 2].map((a) =>
    paddingBefore(image[a]!, grid[a]!, c.kernel[a]!, c.stride[a]!, c.dilation[a]!, c.padding),
  ) as unknown as Triple;
  const [stepD, stepH, stepW] = c.filterSteps;
  let at = 0;
  for (let n = 0; n < batch; n++)
    for (let gd = 0; gd < gridD; gd++)
      for (let gh = 0; gh < gridH; gh++)
        for (let gw = 0; gw < gridW; gw++, at += gridC)
          for (let kd = 0; kd < c.kernel[0]; kd++) {
            const d = gd * c.stride[0] - padD + kd * c.dilation[0];
            if (d < 0 || d >= imageD) continue;
            for (let kh = 0; kh < c.kernel[1]; kh++) {
              const h = gh * c.stride[1] - padH + kh * c.dilation[1];
              if (h < 0 || h >= imageH) continue;
              for (let kw = 0; kw < c.kernel[2]; kw++) {
                const w = gw * c.stride[2] - padW + kw * c.dilation[2];
                if (w < 0 || w >= imageW) continue;
                visit(
                  at,
                  (((n * imageD + d) * imageH + h) * imageW + w) * imageC,
                  kd * stepD + kh * stepH + kw * stepW,
                );
              }
            }
          }
}

/** Convolution as networks have it: without flipping the filter. */
export function convolve(
  type: TensorType & { readonly shape: readonly number[] },
  x: TensorData,
  filter: TensorData,
  bias: TensorData | undefined,
  c: Convolution,
): TensorData {
  const [batch, ...size] = volume(extentsOf(x));
  const [, ...out] = volume(type.shape);
  const [inC, outC] = [size[3], out[3]];
  const [, , , fi, fo] = c.filterSteps;
  const perGroup = outC / (inC / c.depthPerGroup);
  const from = numbersOf(x);
  const weights = numbersOf(filter);
  const sums = new Float64Array(countOf(type.shape));
  eachTap([batch, out, size], c, (to, at, tap) => {
    for (let o = 0; o < outC; o++) {
      const first = at + Math.floor(o / perGroup) * c.depthPerGroup;
      let sum = 0;
      for (let i = 0, k = tap + o * fo; i < c.depthPerGroup; i++, k += fi) sum += from[first + i]! * weights[k]!;
      sums[to + o]! += sum;
    }
  });
  return finish(type, sums, bias);
}

/** The transposed map: each input pixel adds a scaled filter to the result. */
export function convolveTransposed(
  type: TensorType & { readonly shape: readonly number[] },
  x: TensorData,
  filter: TensorData,
  bias: TensorData | undefined,
  c: Omit<Convolution, "depthPerGroup">,
): TensorData {
  const [batch, ...size] = volume(extentsOf(x));
  const [, ...out] = volume(type.shape);
  const [inC, outC] = [size[3], out[3]];
  const [, , , fi, fo] = c.filterSteps;
  const from = numbersOf(x);
  const weights = numbersOf(filter);
  const sums = new Float64Array(countOf(type.shape));
  // windows and padding are those of the convolution from the result to the input
  eachTap([batch, size, out], c, (at, to, tap) => {
    for (let o = 0; o < outC; o++) {
      let sum = 0;
      for (let i = 0, k = tap + o * fo; i < inC; i++, k += fi) sum += from[at + i]! * weights[k]!;
      sums[to + o]! += sum;
    }
  });
  return finish(type, sums, bias);
}
