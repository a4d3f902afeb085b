import { aten } from "@tflower/ops-aten";
import { defineSample, type Sample, slot } from "../application/sample.ts";
import { drawShape } from "../arbitrary/shapes.ts";
import type { Choose } from "../choose/choose.ts";
import { drawWindows } from "./convolution.ts";

/** Blocks that slide over an image, and how many of them there are. */
function drawBlocks(choose: Choose) {
  const { kernel, stride, dilation, padding } = drawWindows(choose, 2);
  const space = kernel.map((k, i) =>
    choose.between(Math.max(1, dilation[i]! * (k - 1) + 1 - 2 * padding[i]!), dilation[i]! * (k - 1) + 4),
  );
  const count = space
    .map((d, i) => Math.floor((d + 2 * padding[i]! - dilation[i]! * (kernel[i]! - 1) - 1) / stride[i]!) + 1)
    .reduce((a, b) => a * b, 1);
  const lead = choose.maybe(0.8) ? [choose.between(1, 2)] : [];
  return {
    lead,
    channels: choose.between(1, 3),
    space,
    count,
    attrs: { kernel_size: kernel, dilation, padding, stride },
  };
}
/** Where the elements of each plane go to: each to a place of its own. */
function places(choose: Choose, planes: number, count: number, extent: number): BigInt64Array {
  return BigInt64Array.from(
    Array.from({ length: planes }, () => choose.permutation(extent).slice(0, count)).flat(),
    BigInt,
  );
}
const unpooling = (choose: Choose, rank: number) => {
  const lead = [...(choose.maybe(0.7) ? [choose.between(1, 2)] : []), choose.between(1, 2)];
  const own = Array.from({ length: rank }, () => choose.between(1, 2));
  const output_size = own.map((d) => d + choose.between(0, 2));
  const product = (s: readonly number[]): number => s.reduce((a, b) => a * b, 1);
  const shape = [...lead, ...own];
  const data = places(choose, product(lead), product(own), product(output_size));
  return {
    operands: {
      self: slot("f32", shape, { constant: false }),
      indices: slot("i64", shape, {
        data: { type: { dtype: "i64" as const, shape }, data },
        constant: choose.maybe(0.3),
      }),
    },
    output_size,
  };
};

/** Blocks of images, and where pooled elements came from. */
export const blockSamples: readonly Sample[] = [
  defineSample(aten.im2col, (choose) => {
    const { lead, channels, space, attrs } = drawBlocks(choose);
    return { operands: { self: slot("f32", [...lead, channels, ...space], { constant: false }) }, attrs };
  }),
  defineSample(aten.col2im, (choose) => {
    const { lead, channels, space, count, attrs } = drawBlocks(choose);
    const rows = channels * attrs.kernel_size[0]! * attrs.kernel_size[1]!;
    return {
      // finite: blocks are put together by a product with zeros and ones
      operands: { self: slot("f32", [...lead, rows, count], { values: "finite", constant: false }) },
      attrs: { output_size: space, ...attrs },
    };
  }),
  defineSample(aten.maxUnpool2d, (choose) => {
    const { operands, output_size } = unpooling(choose, 2);
    return { operands, attrs: { output_size } };
  }),
  defineSample(aten.maxUnpool3d, (choose) => {
    const { operands, output_size } = unpooling(choose, 3);
    return { operands, attrs: { output_size, stride: [2, 2, 2], padding: [0, 0, 0] } };
  }),
  defineSample(aten.meshgridIndexing, (choose) => ({
    operands: {
      tensors: Array.from({ length: choose.between(1, 3) }, () =>
        slot("f32", drawShape(choose, { maxRank: 1, maxExtent: 4 })),
      ),
    },
    attrs: { indexing: choose.pick(["ij", "xy"]) },
  })),
  defineSample(aten.narrowTensor, (choose) => {
    const shape = drawShape(choose, { minRank: 1, maxRank: 3 });
    const dim = choose.below(shape.length);
    const length = choose.between(1, shape[dim]!);
    return {
      operands: {
        self: slot("f32", shape, { constant: false }),
        // counted from either end
        start: slot("i64", [], {
          values: choose.maybe(0.3) ? { min: -shape[dim]!, max: -length } : { min: 0, max: shape[dim]! - length },
          constant: choose.maybe(0.5),
        }),
      },
      attrs: { dim, length },
    };
  }),
  defineSample(aten.imag, (choose) => ({
    operands: { self: slot("c64", drawShape(choose, { maxRank: 3 }), { constant: false }) },
  })),
];
