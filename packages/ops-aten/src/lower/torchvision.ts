import { tfl } from "@tflower/backend-tflite";
import {
  type Dim,
  defineLowering,
  defineRefusal,
  type Emit,
  i32Data,
  isFloat,
  isStatic,
  isStaticShape,
  reject,
  sizeOf,
  tensorData,
  type Value,
} from "@tflower/core";
import * as aten from "../dialect/torchvision.ts";
import { convolveImage, still } from "../emit/convolve.ts";
import { neighboursOf, sampleRows } from "../emit/grid-sample.ts";
import { add, mul } from "../emit/pointwise.ts";
import { castTo, concatAxis, permuteBy, reshapeTo, selectAxis, sliceAxis } from "../emit/rearrange.ts";
import { pixelRows, sampleRegions } from "../emit/regions.ts";
import { type DeformAttrs, deformSlides } from "../semantics/deformable.ts";
import { windowCount } from "../semantics/spatial.ts";
import { isRead } from "./pooling.ts";

/** The next float above: the kernel drops boxes at the threshold, torchvision those above it. */
function above(x: number): number {
  const bits = new Uint32Array(1);
  const float = new Float32Array(bits.buffer);
  float[0] = x;
  if (float[0]! > x) return float[0]!;
  if (float[0] === 0) return 2 ** -149;
  bits[0] = bits[0]! + (float[0]! > 0 ? 1 : -1);
  return float[0]!;
}
export const nms = defineLowering(aten.nms, ({ dets, scores }, { iou_threshold }, emit, node) => {
  const count = scores.type.shape[0]!;
  if (!isStatic(count)) return reject("needs a static number of boxes: keep a fixed number, such as the best 1000");
  if (count === 0) return emit.constant(tensorData("i64", [0], []));
  // sorted first: the kernel takes equal scores in no particular order, torchvision the earlier box
  const [, order] = emit.all(tfl.topkV2, { input: scores }, { k: count }) as [Value, Value];
  const sorted = emit(tfl.gather, { params: dets, indices: order }, { axis: 0 });
  const falling = emit.constant(
    tensorData(
      "f32",
      [count],
      Array.from({ length: count }, (_, i) => count - i),
    ),
  );
  const boxes = emit(tfl.gather, { params: sorted, indices: emit.constant(i32Data([1, 0, 3, 2])) }, { axis: 1 });
  const [kept, many] = emit.all(
    tfl.nonMaxSuppressionV4,
    { boxes, scores: falling },
    { max_output_size: count, iou_threshold: above(iou_threshold), score_threshold: 0 },
  ) as [Value, Value];
  const size = reshapeTo(emit, many, [1]);
  const first = emit(tfl.slice, { input: kept, size }, { begin: [0], size: node.results[0]!.type.shape });
  return castTo(emit, emit(tfl.gather, { params: order, indices: first }), "i64");
});

interface Regions {
  readonly input: Value;
  readonly rois: Value;
}
/** Why regions cannot be sampled, if they cannot. */
function obstacle({ input }: Regions, samples: number, bins: readonly Dim[]): string | undefined {
  if (!isFloat(input.type.dtype)) return `samples floats, got ${input.type.dtype}`;
  if (!isStaticShape(input.type.shape.slice(1)) || !isStaticShape(bins))
    return "needs static channels, extents and bins";
  return samples > 0
    ? undefined
    : "without a sampling_ratio the number of samples depends on how large a region is: give one, such as 2";
}
export const roiAlign = defineLowering(aten.roiAlign, (operands, a, emit) => {
  const bins = [a.pooled_height, a.pooled_width];
  const why = obstacle(operands, a.sampling_ratio, bins);
  if (why) return reject(why);
  const space = operands.input.type.shape.slice(2) as [number, number];
  const sampled = sampleRegions(emit, pixelRows(emit, operands.input), operands.rois, space, 1, undefined, {
    bins: bins as [number, number],
    scale: a.spatial_scale,
    offset: a.aligned ? 0.5 : 0,
    least: a.aligned ? undefined : 1,
    samples: a.sampling_ratio,
  });
  return permuteBy(emit, sampled, [0, 3, 1, 2]);
});
export const psRoiAlign = defineLowering(aten.psRoiAlign, (operands, a, emit, node) => {
  const bins = [a.pooled_height, a.pooled_width];
  const why = obstacle(operands, a.sampling_ratio, bins);
  if (why) return reject(why);
  const [ph, pw] = bins as [number, number];
  const [n, c, h, w] = operands.input.type.shape as [Dim, number, number, number];
  const own = c / (ph * pw);
  // every bin has a plane of its own, with its own channels in it
  const apart = permuteBy(emit, reshapeTo(emit, operands.input, [n, own, ph * pw, h * w]), [0, 2, 3, 1]);
  const rows = reshapeTo(emit, apart, [sizeOf([n, ph * pw, h * w]), own]);
  const planes = emit.constant(
    tensorData(
      "i32",
      [1, ph, pw],
      Array.from({ length: ph * pw }, (_, i) => i),
    ),
  );
  const sampled = sampleRegions(emit, rows, operands.rois, [h, w], ph * pw, planes, {
    bins: [ph, pw],
    scale: a.spatial_scale,
    offset: 0.5,
    least: undefined,
    samples: a.sampling_ratio,
  });
  const out = permuteBy(emit, sampled, [0, 3, 1, 2]);
  // nobody reads the channels as a rule; what stands for them is dead then
  return [out, isRead(node, 1) ? mappingOf(emit, out) : castTo(emit, out, "i32")];
});
function mappingOf(emit: Emit, out: Value): Value {
  const [count, ...rest] = out.type.shape as [Dim, ...number[]];
  const one = emit.constant(
    tensorData(
      "i32",
      [1, ...rest],
      Array.from({ length: sizeOf(rest) as number }, (_, i) => i),
    ),
  );
  return emit(tfl.tile, { input: one }, { multiples: [count, ...rest.map(() => 1)] });
}
const dataBins =
  "the extents of a region's bins are data, and so is what lies under them: use roi_align or ps_roi_align";
export const roiPool = defineRefusal(aten.roiPool, dataBins);
export const psRoiPool = defineRefusal(aten.psRoiPool, dataBins);

/** Samples at the moved places of all kernels, which then are an image for a convolution of one element. */
export const deformConv2d = defineLowering(aten.deformConv2d, ({ input, weight, offset, mask, bias }, attrs, emit) => {
  const a = attrs as DeformAttrs;
  const [n, channels, height, width] = input.type.shape as [Dim, number, number, number];
  if (!isFloat(input.type.dtype)) return reject(`convolves floats, got ${input.type.dtype}`);
  if (!isStaticShape(input.type.shape.slice(1))) return reject("needs static channels and extents");
  const slides = deformSlides(weight.type, a);
  const [oh, ow] = [windowCount(height, slides[0]) as number, windowCount(width, slides[1]) as number];
  const taps = slides[0].kernel * slides[1].kernel;
  const places = taps * oh * ow;
  const [outs, ins] = weight.type.shape as readonly number[] as [number, number];
  const perGroup = channels / a.offset_groups;
  /** Where the kernels' places are without offsets, along one axis. */
  const still0 = (axis: 0 | 1): Value => {
    const s = slides[axis];
    const values = Array.from({ length: places }, (_, i) => {
      const [k, p] = [Math.floor(i / (oh * ow)), i % (oh * ow)];
      const [step, place] =
        axis === 0 ? [Math.floor(p / ow), Math.floor(k / slides[1].kernel)] : [p % ow, k % slides[1].kernel];
      return step * s.stride - s.before + place * s.dilation;
    });
    return emit.constant(tensorData("f32", [1, 1, places], values));
  };
  const moves = reshapeTo(emit, offset, [n, a.offset_groups, taps, 2, oh * ow]);
  const groups = Array.from({ length: a.offset_groups }, (_, g) => {
    const own = selectAxis(emit, moves, 1, g);
    const sides = ([0, 1] as const).map((axis) => {
      const move = reshapeTo(emit, selectAxis(emit, own, 2, axis), [n, 1, places]);
      return neighboursOf(emit, add(emit, move, still0(axis)), axis === 0 ? height : width, {
        interpolation: "bilinear",
        padding: "zeros",
        align: true,
      });
    });
    const image = permuteBy(emit, sliceAxis(emit, input, 1, g * perGroup, perGroup), [0, 2, 3, 1]);
    const rows = sampleRows(emit, reshapeTo(emit, image, [n, height * width, perGroup]), sides, [height, width]);
    if (!a.use_mask) return rows;
    const share = sliceAxis(emit, mask, 1, g * taps, taps);
    return mul(emit, rows, reshapeTo(emit, share, [n, places, 1]));
  });
  const columns = reshapeTo(emit, concatAxis(emit, groups, 2), [n, taps, oh * ow, channels]);
  const image = reshapeTo(emit, permuteBy(emit, columns, [0, 2, 3, 1]), [n, oh, ow, channels * taps]);
  const flat = reshapeTo(emit, weight, [outs, ins * taps, 1, 1]);
  return permuteBy(emit, convolveImage(emit, image, flat, bias, [still, still], a.groups), [0, 3, 1, 2]);
});
