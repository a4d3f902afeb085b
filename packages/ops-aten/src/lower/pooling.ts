import {
  type Dim,
  defineLowering,
  type Emit,
  isFloat,
  isStatic,
  type Node,
  type Rejection,
  reject,
  sizeOf,
  staticShape,
  type Value,
} from "@tflower/core";
import * as aten from "../dialect/pooling.ts";
import { asImage, channelsLast, depthAsBatch, fromImage } from "../emit/channels-last.ts";
import { type Slides, still } from "../emit/convolve.ts";
import { noMargin, padded } from "../emit/padding.ts";
import { averageImage, maxImage, scaled } from "../emit/pool.ts";
import { hasStaticSpace, integerMeanByGather, maxByGather } from "../emit/pool-by-gather.ts";
import { castTo, reshapeTo } from "../emit/rearrange.ts";
import { type PoolAttrs, paddedCounts, poolSlides, poolTaps, productsByPlace } from "../semantics/pooling.ts";
import { type Sliding, slidingTaps, windowCount } from "../semantics/spatial.ts";

interface Self {
  readonly self: Value;
}
type Pool = (image: Value, slides: Slides) => Value;

/** Pools one to three axes with channels before them, image by image; volumes first by area, then by depth. */
export function poolSpace(emit: Emit, self: Value, slides: readonly Sliding[], pool: Pool): Value {
  const x = channelsLast(emit, self, slides.length);
  return x.back(poolChannelsLast(emit, x.value, slides, pool));
}
function poolChannelsLast(emit: Emit, x: Value, slides: readonly Sliding[], pool: Pool): Value {
  if (slides.length === 1) return fromImage(emit, pool(asImage(emit, x), [still, slides[0]!]));
  if (slides.length === 2) return pool(x, slides as unknown as Slides);
  const [n, d] = x.type.shape as [Dim, Dim];
  const flat = pool(depthAsBatch(emit, x), slides.slice(1) as unknown as Slides);
  const [, h, w, c] = flat.type.shape as [Dim, Dim, Dim, Dim];
  const deep = pool(reshapeTo(emit, flat, [n, d, sizeOf([h, w]), c]), [slides[0]!, still]);
  return reshapeTo(emit, deep, [n, deep.type.shape[1]!, h, w, c]);
}

/** A single window, as rounding up allows, may be larger than what there is: it ends where the padding ends. */
const within = (self: Value, slides: readonly Sliding[], ceil: boolean): readonly Sliding[] =>
  slides.map((s, i) => {
    const extent = self.type.shape.at(i - slides.length)!;
    if (!isStatic(extent) || s.dilation !== 1 || windowCount(extent, s, ceil) !== 1) return s;
    return { ...s, kernel: Math.min(s.kernel, extent + s.before + s.after) };
  });

/** Whether somebody reads result `k`. */
export const isRead = (node: Node<any>, k: number): boolean =>
  node.results[k]!.users.size > 0 || (node.graph?.isOutput(node.results[k]!) ?? false);

function maxPooling(
  emit: Emit,
  self: Value,
  a: PoolAttrs,
  rank: number,
  indices: boolean,
): Value | Value[] | Rejection {
  const slides = within(self, poolSlides(a, rank), a.ceil_mode);
  if (!indices && isFloat(self.type.dtype) && slides.every((s) => s.dilation === 1))
    return poolSpace(emit, self, slides, (image, s) => maxImage(emit, image, s, a.ceil_mode));
  const why = indices
    ? "positions of the largest elements"
    : slides.some((s) => s.dilation > 1)
      ? "windows with gaps"
      : `${self.type.dtype} windows`;
  if (!hasStaticSpace(self, rank)) return reject(`${why} need static extents under the windows`);
  const taps = poolTaps(staticShape(self.type.shape.map((d) => (typeof d === "number" ? d : 1))), a, rank);
  if (taps.some((t) => t.some((w) => w.length === 0))) return reject("a window lies in the padding altogether");
  const best = maxByGather(emit, self, taps);
  return indices ? [best.values, best.positions()] : best.values;
}
const max =
  (rank: number) =>
  ({ self }: Self, a: PoolAttrs, emit: Emit) =>
    maxPooling(emit, self, a, rank, false) as Value | Rejection;
const maxWithIndices =
  (rank: number) =>
  ({ self }: Self, a: PoolAttrs, emit: Emit, node: Node<any>) => {
    const result = maxPooling(emit, self, a, rank, isRead(node, 1));
    if ("reason" in result || Array.isArray(result)) return result as Value[] | Rejection;
    // nobody reads the positions; what stands for them is dead
    return [result as Value, castTo(emit, result as Value, "i64")];
  };
export const maxPool1d = defineLowering(aten.maxPool1d, max(1));
export const maxPool2d = defineLowering(aten.maxPool2d, max(2));
export const maxPool3d = defineLowering(aten.maxPool3d, max(3));
export const maxPool1dWithIndices = defineLowering(aten.maxPool1dWithIndices, maxWithIndices(1));
export const maxPool2dWithIndices = defineLowering(aten.maxPool2dWithIndices, maxWithIndices(2));
export const maxPool3dWithIndices = defineLowering(aten.maxPool3dWithIndices, maxWithIndices(3));

const average =
  (rank: number) =>
  ({ self }: Self, a: aten.AverageAttrs, emit: Emit): Value | Rejection => {
    const slides = within(self, poolSlides(a, rank), a.ceil_mode);
    if (!isFloat(self.type.dtype)) return averageIntegers(emit, self, a, slides);
    const counted = a.divisor_override !== undefined ? "window" : a.count_include_pad ? "padding" : "elements";
    const means = poolSpace(emit, self, slides, (image, s) => averageImage(emit, image, s, a.ceil_mode, counted));
    return a.divisor_override === undefined
      ? means
      : scaled(emit, means, slides.reduce((n, s) => n * s.kernel, 1) / a.divisor_override);
  };
function averageIntegers(emit: Emit, self: Value, a: aten.AverageAttrs, slides: readonly Sliding[]): Value | Rejection {
  const rank = slides.length;
  if (self.type.dtype !== "i64") return reject(`averages floats and int64, got ${self.type.dtype}`);
  if (!hasStaticSpace(self, rank)) return reject("averages of integers need static extents under the windows");
  const space = self.type.shape.slice(-rank) as number[];
  const count = slides.map((s, i) => windowCount(space[i]!, s, a.ceil_mode) as number);
  const each = slides.map((s, i) =>
    a.count_include_pad
      ? paddedCounts(space[i]!, count[i]!, s)
      : slidingTaps(space[i]!, count[i]!, s).map((t) => t.length),
  );
  const places = productsByPlace(count.map((n) => new Array<number>(n).fill(1)));
  const divisors = a.divisor_override === undefined ? productsByPlace(each) : places.map(() => a.divisor_override!);
  // every window is full once zeros stand where it sticks out
  const after = slides.map((s, i) => Math.max((count[i]! - 1) * s.stride + s.kernel - s.before - space[i]!, 0));
  const margins = slides.map((s, i) => [s.before, after[i]!] as const);
  const outer = self.type.shape.slice(0, -rank).map(() => noMargin);
  const full = padded(emit, self, [...outer, ...margins]);
  const taps = slides.map((s, i) =>
    slidingTaps(full.type.shape.at(i - rank) as number, count[i]!, { ...s, before: 0 }),
  );
  return integerMeanByGather(emit, full, taps, divisors);
}
export const avgPool1d = defineLowering(aten.avgPool1d, average(1));
export const avgPool2d = defineLowering(aten.avgPool2d, average(2));
export const avgPool3d = defineLowering(aten.avgPool3d, average(3));
