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
  const [inD, inH, inW, inC] = size;
  const [outD, outH, outW, outC] = out;
  const [padD, padH, padW] = [0, 1, 2].map((a) =>
    paddingBefore(size[a]!, out[a]!, c.kernel[a]!, c.stride[a]!, c.dilation[a]!, c.padding),
  ) as unknown as Triple;
  const [fd, fh, fw, fi, fo] = c.filterSteps;
  const perGroup = outC / (inC / c.depthPerGroup);
  const from = numbersOf(x);
  const weights = numbersOf(filter);
  const sums = new Float64Array(countOf(type.shape));
  let w = 0;
  for (let n = 0; n < batch; n++)
    for (let od = 0; od < outD; od++)
      for (let oh = 0; oh < outH; oh++)
        for (let ow = 0; ow < outW; ow++, w += outC)
          for (let kd = 0; kd < c.kernel[0]; kd++) {
            const d = od * c.stride[0] - padD + kd * c.dilation[0];
            if (d < 0 || d >= inD) continue;
            for (let kh = 0; kh < c.kernel[1]; kh++) {
              const h = oh * c.stride[1] - padH + kh * c.dilation[1];
              if (h < 0 || h >= inH) continue;
              for (let kw = 0; kw < c.kernel[2]; kw++) {
                const v = ow * c.stride[2] - padW + kw * c.dilation[2];
                if (v < 0 || v >= inW) continue;
                const at = (((n * inD + d) * inH + h) * inW + v) * inC;
                const f = kd * fd + kh * fh + kw * fw;
                for (let o = 0; o < outC; o++) {
                  const first = at + Math.floor(o / perGroup) * c.depthPerGroup;
                  let sum = 0;
                  for (let i = 0, k = f + o * fo; i < c.depthPerGroup; i++, k += fi)
                    sum += from[first + i]! * weights[k]!;
                  sums[w + o]! += sum;
                }
              }
            }
          }
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
  const [inD, inH, inW, inC] = size;
  const [outD, outH, outW, outC] = out;
  // padding is that of the convolution from the result to the input
  const [padD, padH, padW] = [0, 1, 2].map((a) =>
    paddingBefore(out[a]!, size[a]!, c.kernel[a]!, c.stride[a]!, c.dilation[a]!, c.padding),
  ) as unknown as Triple;
  const [fd, fh, fw, fi, fo] = c.filterSteps;
  const from = numbersOf(x);
  const weights = numbersOf(filter);
  const sums = new Float64Array(countOf(type.shape));
  let at = 0;
  for (let n = 0; n < batch; n++)
    for (let id = 0; id < inD; id++)
      for (let ih = 0; ih < inH; ih++)
        for (let iw = 0; iw < inW; iw++, at += inC)
          for (let kd = 0; kd < c.kernel[0]; kd++) {
            const d = id * c.stride[0] - padD + kd * c.dilation[0];
            if (d < 0 || d >= outD) continue;
            for (let kh = 0; kh < c.kernel[1]; kh++) {
              const h = ih * c.stride[1] - padH + kh * c.dilation[1];
              if (h < 0 || h >= outH) continue;
              for (let kw = 0; kw < c.kernel[2]; kw++) {
                const v = iw * c.stride[2] - padW + kw * c.dilation[2];
                if (v < 0 || v >= outW) continue;
                const w = (((n * outD + d) * outH + h) * outW + v) * outC;
                for (let o = 0; o < outC; o++) {
                  let sum = 0;
                  for (let i = 0, k = kd * fd + kh * fh + kw * fw + o * fo; i < inC; i++, k += fi)
                    sum += from[at + i]! * weights[k]!;
                  sums[w + o]! += sum;
                }
              }
            }
          }
  return finish(type, sums, bias);
}
