import type { OpDef } from "@tflower/core";
import { symbol, tensor } from "@tflower/core";
import { aten } from "@tflower/ops-aten";
import { type Draft, defineSample, type Sample, type Slot, slot } from "../application/sample.ts";
import type { Choose } from "../choose/choose.ts";

const finite = { values: "finite" } as const;
/** Finite: neighbours of weight zero count in some kernels and not in others. */
const image = (choose: Choose, batch: number, channels: number, rank: number): Slot =>
  slot("f32", [batch, channels, ...Array.from({ length: rank }, () => choose.between(1, 5))], {
    ...finite,
    constant: false,
  });

/** Weights of neighbours are products of fractions that are rounded on the way. */
const resampled = { ulp: 16, rtol: 4e-6, atol: 1e-6 } as const;

const sampling = (op: OpDef, ranks: readonly number[]): Sample => ({
  op,
  tolerance: resampled,
  draw(choose): Draft {
    const rank = choose.pick(ranks);
    const [batch, channels] = [choose.between(1, 2), choose.between(1, 2)];
    const grid = slot("f32", [batch, ...Array.from({ length: rank }, () => choose.between(1, 4)), rank], {
      // also places outside of the image
      values: { min: -1.5, max: 1.5 },
      constant: choose.maybe(0.3),
    });
    return {
      operands: { input: image(choose, batch, channels, rank), grid },
      attrs: {
        interpolation_mode: choose.below(rank === 2 ? 3 : 2),
        padding_mode: choose.below(3),
        align_corners: choose.maybe(0.5),
      },
    };
  },
});

/** Regions of images: which image, and two corners, of which some lie outside. */
function drawRegions(choose: Choose, batch: number): Slot {
  const count = choose.between(1, 3);
  const corner = (): number => choose.between(-1, 6) + choose.pick([0, 0.5, 0.25]);
  const rows = Array.from({ length: count }, () => {
    const [x, y] = [corner(), corner()];
    return [choose.below(batch), x, y, x + choose.between(0, 5), y + choose.between(0, 5)];
  });
  const data = Float32Array.from(rows.flat());
  return slot("f32", [count, 5], { data: { type: { dtype: "f32", shape: [count, 5] }, data } });
}
const regions = (op: OpDef, perBin: boolean, more: (choose: Choose) => object): Sample => ({
  op,
  tolerance: resampled,
  draw(choose): Draft {
    const [pooled_height, pooled_width] = [choose.between(1, 3), choose.between(1, 3)];
    const batch = choose.between(1, 2);
    const channels = choose.between(1, 2) * (perBin ? pooled_height * pooled_width : 1);
    return {
      operands: { input: image(choose, batch, channels, 2), rois: drawRegions(choose, batch) },
      attrs: { spatial_scale: choose.pick([1, 0.5, 0.25]), pooled_height, pooled_width, ...more(choose) },
    };
  },
});
const ratio = (choose: Choose) => ({ sampling_ratio: choose.pick([2, 1, 3, -1, 0]) });

/** Resampling at places that are data, and the ops of detectors. */
export const visionSamples: readonly Sample[] = [
  sampling(aten.gridSampler, [2, 3]),
  sampling(aten.gridSampler2d, [2]),
  sampling(aten.gridSampler2dCpuFallback, [2]),
  sampling(aten.gridSampler3d, [3]),
  defineSample(aten.affineGridGenerator, (choose) => {
    const rank = choose.between(2, 3);
    const batch = choose.between(1, 3);
    const size = [batch, choose.between(1, 3), ...Array.from({ length: rank }, () => choose.between(1, 4))];
    return {
      operands: { theta: slot("f32", [batch, rank, rank + 1], { ...finite, constant: false }) },
      attrs: { size, align_corners: choose.maybe(0.5) },
    };
  }),
  regions(aten.roiAlign, false, (choose) => ({ ...ratio(choose), aligned: choose.maybe(0.5) })),
  regions(aten.roiPool, false, () => ({})),
  regions(aten.psRoiAlign, true, ratio),
  regions(aten.psRoiPool, true, () => ({})),
  {
    op: aten.nms,
    draw(choose): Draft {
      const count = choose.between(1, 6);
      const boxes = Array.from({ length: count }, () => {
        const [x, y] = [choose.between(0, 5), choose.between(0, 5)];
        return [x, y, x + choose.between(1, 5), y + choose.between(1, 5)];
      });
      // different scores: of equal ones any may be first
      const scores = Float32Array.from(choose.permutation(count), (p) => (p + 1) / 8);
      return {
        operands: {
          dets: slot("f32", [count, 4], {
            data: { type: { dtype: "f32", shape: [count, 4] }, data: Float32Array.from(boxes.flat()) },
            constant: false,
          }),
          scores: slot("f32", [count], {
            data: { type: { dtype: "f32", shape: [count] }, data: scores },
            constant: false,
          }),
        },
        attrs: { iou_threshold: choose.pick([0.5, 0.3, 0.7, 0.05]) },
        types: [tensor("i64", [symbol("u0")])],
      };
    },
  },
  {
    op: aten.deformConv2d,
    tolerance: { ulp: 16, rtol: 2e-5, atol: 2e-6 },
    draw(choose): Draft {
      const two = (low: number, high: number): [number, number] => [
        choose.between(low, high),
        choose.between(low, high),
      ];
      const [kernel, stride, pad, dilation] = [two(1, 3), two(1, 2), two(0, 2), two(1, 2)];
      const [groups, offset_groups] = [choose.between(1, 2), choose.between(1, 2)];
      const ins = groups * offset_groups * choose.between(1, 2);
      const outs = groups * choose.between(1, 2);
      const batch = choose.between(1, 2);
      const span = kernel.map((k, i) => dilation[i]! * (k - 1) + 1);
      const space = span.map((s, i) => choose.between(Math.max(1, s - 2 * pad[i]!), s + 2));
      const out = space.map((d, i) => Math.floor((d + 2 * pad[i]! - span[i]!) / stride[i]!) + 1);
      const taps = kernel[0] * kernel[1];
      const use_mask = choose.maybe(0.5);
      return {
        operands: {
          input: slot("f32", [batch, ins, ...space], { ...finite, constant: false }),
          weight: slot("f32", [outs, ins / groups, ...kernel], { ...finite, constant: true }),
          offset: slot("f32", [batch, 2 * offset_groups * taps, ...out], { values: { min: -2, max: 2 } }),
          mask: slot("f32", use_mask ? [batch, offset_groups * taps, ...out] : [batch, 1], {
            values: { min: 0, max: 1 },
          }),
          bias: slot("f32", [outs], { ...finite, constant: true }),
        },
        attrs: {
          stride_h: stride[0],
          stride_w: stride[1],
          pad_h: pad[0],
          pad_w: pad[1],
          dilation_h: dilation[0],
          dilation_w: dilation[1],
          groups,
          offset_groups,
          use_mask,
        },
      };
    },
  },
];
