import {
  allocate,
  countOf,
  isBig,
  isComplex,
  type NumberCarrier,
  roundTo,
  staticShape,
  type TensorData,
  type TensorType,
  wrap,
} from "@tflower/core";
import { type Sliding, scatteredTaps, slidingTaps, type Taps } from "./spatial.ts";

/** Sums products over taps: the core of convolutions either way. Tensors have a batch axis. */
interface TapSum {
  readonly taps: readonly Taps[];
  readonly groups: number;
  /** Offset of the weights that take input channel `c` of a group to output channel `o` of it. */
  readonly weightAt: (group: number, o: number, c: number) => number;
}

function sumOverTaps(
  type: TensorType,
  input: TensorData,
  weight: TensorData,
  bias: TensorData | undefined,
  t: TapSum,
): TensorData {
  if (isComplex(type.dtype)) throw new RangeError("has no reference semantics for complex numbers");
  const shape = staticShape(type.shape);
  const [batch, channels, ...space] = shape as [number, number, ...number[]];
  const inShape: readonly number[] = input.type.shape;
  const inSpace = inShape.slice(2);
  const kernel = staticShape(weight.type.shape).slice(2);
  const perGroup = { in: inShape[1]! / t.groups, out: channels / t.groups };
  const places = countOf(space);
  const inPlaces = countOf(inSpace);
  // every place of the result: offsets into a channel of the input and into a kernel, tap by tap
  const pairs = Array.from({ length: places }, (_, p) => combine(t.taps, p, space, inSpace, kernel));
  const out = allocate(type.dtype, countOf(shape)) as Float32Array;
  const [x, w, b] = [input.data as Float32Array, weight.data as Float32Array, bias?.data as Float32Array | undefined];
  // 64-bit integers are carried as bigint, which adds and multiplies with the same operators
  const zero = (isBig(type.dtype) ? 0n : 0) as number;
  const round = roundTo(type.dtype);
  let at = 0;
  for (let n = 0; n < batch; n++)
    for (let o = 0; o < channels; o++) {
      const group = Math.floor(o / perGroup.out);
      for (const pair of pairs) {
        let sum = zero;
        for (let c = 0; c < perGroup.in; c++) {
          const from = (n * inShape[1]! + group * perGroup.in + c) * inPlaces;
          const weights = t.weightAt(group, o % perGroup.out, c);
          for (let i = 0; i < pair.length; i += 2) sum += x[from + pair[i]!]! * w[weights + pair[i + 1]!]!;
        }
        if (b) sum += b[o]!;
        out[at++] = round ? round(sum) : sum;
      }
    }
  return wrap({ ...type, shape }, out as NumberCarrier);
}

function combine(
  taps: readonly Taps[],
  place: number,
  space: readonly number[],
  inSpace: readonly number[],
  kernel: readonly number[],
): number[] {
  let pairs: readonly (readonly [number, number])[] = [[0, 0]];
  let rest = place;
  const coordinates = space.map((_, d) => {
    const step = countOf(space.slice(d + 1));
    const c = Math.floor(rest / step);
    rest -= c * step;
    return c;
  });
  coordinates.forEach((o, d) => {
    pairs = pairs.flatMap(([i, k]) =>
      taps[d]![o]!.map(([place, element]) => [i * inSpace[d]! + element, k * kernel[d]! + place] as const),
    );
  });
  return pairs.flat();
}

/** Cross-correlation, as PyTorch calls convolution, of `[N, C, ...]` with `[O, C / groups, ...]`. */
export function convolved(
  type: TensorType,
  input: TensorData,
  weight: TensorData,
  bias: TensorData | undefined,
  slides: readonly Sliding[],
  groups: number,
): TensorData {
  const [outs, ins, ...kernel] = weight.type.shape as [number, number, ...number[]];
  const taps = slides.map((s, d) => slidingTaps(input.type.shape[d + 2]!, type.shape[d + 2] as number, s));
  const size = countOf(kernel);
  return sumOverTaps(type, input, weight, bias, {
    taps,
    groups,
    weightAt: (g, o, c) => ((g * (outs / groups) + o) * ins + c) * size,
  });
}

/** The transpose of {@link convolved} as a linear map, of `[N, C, ...]` with `[C, O / groups, ...]`. */
export function convolvedTransposed(
  type: TensorType,
  input: TensorData,
  weight: TensorData,
  bias: TensorData | undefined,
  slides: readonly Sliding[],
  groups: number,
): TensorData {
  const [ins, outs, ...kernel] = weight.type.shape as [number, number, ...number[]];
  const taps = slides.map((s, d) => scatteredTaps(input.type.shape[d + 2]!, type.shape[d + 2] as number, s));
  const size = countOf(kernel);
  return sumOverTaps(type, input, weight, bias, {
    taps,
    groups,
    weightAt: (g, o, c) => ((g * (ins / groups) + c) * outs + o) * size,
  });
}
