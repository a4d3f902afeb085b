import type { OpDef } from "@tflower/core";
import { aten } from "@tflower/ops-aten";
import type { Draft, Sample } from "../application/sample.ts";
import { slot } from "../application/sample.ts";
import type { Choose } from "../choose/choose.ts";

/** Weights of neighbours are products of fractions that are rounded on the way. */
const tolerance = { ulp: 8, rtol: 2e-6 } as const;

function drawImage(choose: Choose, rank: number) {
  const space = Array.from({ length: rank }, () => choose.between(1, 6));
  // finite: a neighbour of weight zero that is NaN counts in some kernels and not in others
  return { image: slot("f32", [choose.between(1, 2), choose.between(1, 3), ...space], { values: "finite" }), space };
}
const drawSize = (choose: Choose, space: readonly number[]): number[] =>
  space.map((d) => (choose.maybe(0.5) ? d * choose.between(1, 3) : choose.between(1, 8)));

const bySize = (op: OpDef, rank: number): Sample => ({
  op,
  tolerance,
  draw(choose): Draft {
    const { image, space } = drawImage(choose, rank);
    const corners = "align_corners" in op.attrs ? { align_corners: choose.maybe(0.5) } : {};
    return { operands: { self: image }, attrs: { output_size: drawSize(choose, space), ...corners } };
  },
});
const byScale = (op: OpDef, rank: number): Sample => ({
  op,
  tolerance,
  draw(choose): Draft {
    const { image, space } = drawImage(choose, rank);
    const corners = "align_corners" in op.attrs ? { align_corners: choose.maybe(0.5) } : {};
    const size = choose.maybe(0.5);
    const scale_factors = space.map(() => choose.pick([2, 1, 3, 1.5, 0.5]));
    if (!size && space.some((d, i) => Math.floor(d * scale_factors[i]!) < 1)) choose.discard();
    return {
      operands: { input: image },
      attrs: {
        output_size: size ? drawSize(choose, space) : undefined,
        scale_factors: size ? undefined : scale_factors,
        ...corners,
      },
    };
  },
});

/** Resampling of images. */
export const upsamplingSamples: readonly Sample[] = [
  ...[aten.upsampleLinear1d, aten.upsampleNearest1d, aten.upsampleNearestExact1d].map((op) => bySize(op, 1)),
  ...[
    aten.upsampleBilinear2d,
    aten.upsampleBicubic2d,
    aten.upsampleNearest2d,
    aten.upsampleNearestExact2d,
    aten.upsampleBilinear2dAa,
    aten.upsampleBicubic2dAa,
    aten.upsampleLanczos2dAa,
  ].map((op) => bySize(op, 2)),
  ...[aten.upsampleTrilinear3d, aten.upsampleNearest3d, aten.upsampleNearestExact3d].map((op) => bySize(op, 3)),
  ...[aten.upsampleLinear1dVec, aten.upsampleNearest1dVec, aten.upsampleNearestExact1dVec].map((op) => byScale(op, 1)),
  ...[
    aten.upsampleBilinear2dVec,
    aten.upsampleBicubic2dVec,
    aten.upsampleNearest2dVec,
    aten.upsampleNearestExact2dVec,
    aten.upsampleBilinear2dAaVec,
    aten.upsampleBicubic2dAaVec,
    aten.upsampleLanczos2dAaVec,
  ].map((op) => byScale(op, 2)),
  ...[aten.upsampleTrilinear3dVec, aten.upsampleNearest3dVec, aten.upsampleNearestExact3dVec].map((op) =>
    byScale(op, 3),
  ),
];
