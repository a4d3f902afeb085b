import {
  allocate,
  invalid,
  isStatic,
  type NumberCarrier,
  numbersOf,
  roundTo,
  staticShape,
  type TensorData,
  type TensorType,
  tensor,
  wrap,
} from "@tflower/core";
import { type Sliding, windowCount } from "./spatial.ts";

/** What a deformable convolution says; all of it is static. */
export interface DeformAttrs {
  readonly stride_h: number;
  readonly stride_w: number;
  readonly pad_h: number;
  readonly pad_w: number;
  readonly dilation_h: number;
  readonly dilation_w: number;
  readonly groups: number;
  readonly offset_groups: number;
  readonly use_mask: boolean;
}
interface Of<T> {
  readonly input: T;
  readonly weight: T;
  readonly offset: T;
  readonly mask: T;
  readonly bias: T;
}
export const deformSlides = (weight: TensorType, a: DeformAttrs): readonly [Sliding, Sliding] => {
  const [, , kh, kw] = staticShape(weight.shape) as [number, number, number, number];
  return [
    { kernel: kh, stride: a.stride_h, dilation: a.dilation_h, before: a.pad_h, after: a.pad_h },
    { kernel: kw, stride: a.stride_w, dilation: a.dilation_w, before: a.pad_w, after: a.pad_w },
  ];
};
export function deformedType(
  { input, weight, offset }: Pick<Of<TensorType>, "input" | "weight" | "offset">,
  a: DeformAttrs,
): TensorType {
  const [outs, ins] = staticShape(weight.shape) as [number, number];
  const channels = input.shape[1]!;
  if (isStatic(channels) && channels !== ins * a.groups)
    invalid(`has ${channels} input channels, its weights ${ins * a.groups}`);
  const slides = deformSlides(weight, a);
  const count = 2 * a.offset_groups * slides[0].kernel * slides[1].kernel;
  if (isStatic(offset.shape[1]!) && offset.shape[1] !== count)
    invalid(`takes ${count} offsets for each place, got ${offset.shape[1]}`);
  return tensor(input.dtype, [input.shape[0]!, outs, ...slides.map((s, i) => windowCount(input.shape[2 + i]!, s))]);
}

export function deformed({ input, weight, offset, mask, bias }: Of<TensorData>, a: DeformAttrs): TensorData {
  const type = deformedType({ input: input.type, weight: weight.type, offset: offset.type }, a);
  const [batch, outs, oh, ow] = staticShape(type.shape) as [number, number, number, number];
  const [, channels, height, width] = staticShape(input.type.shape) as [number, number, number, number];
  const ins = channels / a.groups;
  const [down, right] = deformSlides(weight.type, a);
  const taps = down.kernel * right.kernel;
  const [x, w, shift, share, b] = [input, weight, offset, mask, bias].map((t) =>
    numbersOf(t),
  ) as readonly ArrayLike<number>[] as [
    ArrayLike<number>,
    ArrayLike<number>,
    ArrayLike<number>,
    ArrayLike<number>,
    ArrayLike<number>,
  ];
  const out = allocate(type.dtype, batch * outs * oh * ow) as NumberCarrier;
  const round = roundTo(type.dtype);
  const perOffset = channels / a.offset_groups;
  const sample = (n: number, c: number, y: number, u: number): number => {
    if (y <= -1 || y >= height || u <= -1 || u >= width) return 0;
    const [y0, x0] = [Math.floor(y), Math.floor(u)];
    const at = (i: number, j: number): number =>
      i < 0 || j < 0 || i >= height || j >= width ? 0 : x[((n * channels + c) * height + i) * width + j]!;
    const [ly, lx] = [y - y0, u - x0];
    return (
      (1 - ly) * ((1 - lx) * at(y0, x0) + lx * at(y0, x0 + 1)) +
      ly * ((1 - lx) * at(y0 + 1, x0) + lx * at(y0 + 1, x0 + 1))
    );
  };
  for (let i = 0; i < out.length; i++) {
    const [n, o, p, q] = [
      Math.floor(i / (outs * oh * ow)),
      Math.floor(i / (oh * ow)) % outs,
      Math.floor(i / ow) % oh,
      i % ow,
    ];
    let sum = b[o]!;
    for (let c = 0; c < ins; c++) {
      const channel = Math.floor(o / (outs / a.groups)) * ins + c;
      const group = Math.floor(channel / perOffset);
      for (let k = 0; k < taps; k++) {
        const place = (plane: number): number => ((n * 2 * a.offset_groups * taps + plane) * oh + p) * ow + q;
        const y =
          p * down.stride -
          down.before +
          Math.floor(k / right.kernel) * down.dilation +
          shift[place(2 * (group * taps + k))]!;
        const u =
          q * right.stride -
          right.before +
          (k % right.kernel) * right.dilation +
          shift[place(2 * (group * taps + k) + 1)]!;
        const m = a.use_mask ? share[((n * a.offset_groups * taps + group * taps + k) * oh + p) * ow + q]! : 1;
        sum += sample(n, channel, y, u) * m * w[(o * ins + c) * taps + k]!;
      }
    }
    out[i] = round ? round(sum) : sum;
  }
  return wrap(type, out);
}
