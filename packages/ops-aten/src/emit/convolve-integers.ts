import { tfl } from "@tflower/backend-tflite";
import { countOf, type Emit, i32Data, isStaticShape, sizeOf, type Value } from "@tflower/core";
import { addTensor } from "../dialect/arithmetic.ts";
import { matmul } from "../dialect/matmul.ts";
import { windowPlaces } from "../semantics/pooling.ts";
import { type Sliding, slidingTaps, spanOf } from "../semantics/spatial.ts";
import { type Margin, noMargin, padded, spreadAxis } from "./padding.ts";
import { concatAxis, permuteBy, reshapeTo, sliceAxis } from "./rearrange.ts";

/**
 * Convolves `[N, C, ...space]` of integers with `[O, C / groups, ...kernel]`: no convolution kernel takes them, so windows are
 * gathered and multiplied as matrices, which is exact. Nothing where extents are symbolic.
 */
export function convolveIntegers(
  emit: Emit,
  x: Value,
  weight: Value,
  bias: Value | undefined,
  slides: readonly Sliding[],
  groups: number,
): Value | undefined {
  const margins = slides.map((s): Margin => [s.before, s.after]);
  const lead = x.type.shape.length - slides.length - 1;
  const full = padded(emit, x, [...new Array<Margin>(lead + 1).fill(noMargin), ...margins]);
  const { shape } = full.type;
  if (!isStaticShape(shape)) return undefined;
  const space = shape.slice(lead + 1);
  const [outs, ins] = weight.type.shape as readonly number[] as [number, number];
  const counts = slides.map((s, d) => Math.floor((space[d]! - spanOf(s)) / s.stride) + 1);
  const places = windowPlaces(
    slides.map((s, d) => slidingTaps(space[d]!, counts[d]!, { ...s, before: 0 })),
    space,
  );
  const [batch, count, taps] = [countOf(shape.slice(0, lead)), places.length, countOf(slides.map((s) => s.kernel))];
  const flat = reshapeTo(emit, full, [batch, ins * groups, countOf(space)]);
  const windows = emit(tfl.gather, { params: flat, indices: emit.constant(i32Data(places.flat())) }, { axis: 2 });
  const columns = permuteBy(emit, reshapeTo(emit, windows, [batch, ins * groups, count, taps]), [0, 2, 1, 3]);
  const perGroup = outs / groups;
  const products = Array.from({ length: groups }, (_, g) => {
    const rows = reshapeTo(emit, sliceAxis(emit, columns, 2, g * ins, ins), [batch * count, ins * taps]);
    const filter = reshapeTo(emit, sliceAxis(emit, weight, 0, g * perGroup, perGroup), [perGroup, ins * taps]);
    return emit(matmul, { self: rows, other: permuteBy(emit, filter, [1, 0]) });
  });
  const product = concatAxis(emit, products, 1);
  const sum = bias ? emit(addTensor, { self: product, other: bias }) : product;
  const result = permuteBy(emit, reshapeTo(emit, sum, [batch, count, outs]), [0, 2, 1]);
  return reshapeTo(emit, result, [...shape.slice(0, lead), outs, ...counts]);
}

/** The transpose of {@link convolveIntegers}, with weights `[C, O / groups, ...kernel]`. */
export function convolveIntegersTransposed(
  emit: Emit,
  x: Value,
  weight: Value,
  bias: Value | undefined,
  slides: readonly Sliding[],
  extra: readonly number[],
  groups: number,
): Value | undefined {
  const [ins, outs, ...kernel] = weight.type.shape as readonly number[] as [number, number, ...number[]];
  const taps = countOf(kernel);
  const grouped = permuteBy(emit, reshapeTo(emit, weight, [groups, ins / groups, outs, taps]), [0, 2, 1, 3]);
  const backwards = emit.constant(i32Data(Array.from({ length: taps }, (_, k) => taps - 1 - k)));
  const reversed = emit(tfl.gather, { params: grouped, indices: backwards }, { axis: 3 });
  const filter = reshapeTo(emit, reversed, [groups * outs, ins / groups, ...kernel]);
  const first = x.type.shape.length - slides.length;
  const spread = slides.reduce((v, s, d) => spreadAxis(emit, v, first + d, s.stride), x);
  const around = slides.map((s, d) => ({
    ...s,
    stride: 1,
    before: spanOf(s) - 1 - s.before,
    after: spanOf(s) - 1 - s.after + extra[d]!,
  }));
  return sizeOf(x.type.shape) === 0 ? undefined : convolveIntegers(emit, spread, filter, bias, around, groups);
}
