import { aten } from "@tflower/ops-aten";
import { defineSample, type Sample, slot } from "../application/sample.ts";
import { drawDType } from "../arbitrary/dtypes.ts";
import { drawShape } from "../arbitrary/shapes.ts";
import type { Choose } from "../choose/choose.ts";
import { drawAny } from "./views.ts";

/** Paddings as PyTorch lists them: before and after, last axis first. Negative ones crop. */
const drawPad = (
  choose: Choose,
  space: readonly number[],
  low: (d: number) => number,
  high: (d: number) => number,
): number[] =>
  [...space].reverse().flatMap((d) => {
    const before = choose.maybe(0.7) ? choose.between(low(d), high(d)) : 0;
    const after = choose.maybe(0.7) ? choose.between(Math.max(low(d), -(d + before) + 1), high(d)) : 0;
    return [before, after];
  });
const constantPad = (choose: Choose, shape: readonly number[]): number[] =>
  drawPad(
    choose,
    shape.slice(shape.length - choose.between(0, shape.length)),
    (d) => 1 - d,
    () => 3,
  );
/** Reflection and wrapping take from inside, so a margin is smaller than its axis, and nothing is cropped. */
const mirrored = (choose: Choose, space: readonly number[]): number[] =>
  drawPad(
    choose,
    space,
    () => 0,
    (d) => d - 1,
  );

function drawSpace(choose: Choose, rank: number) {
  const space = Array.from({ length: rank }, () => choose.between(1, 5));
  const lead = drawShape(choose, { minRank: 1, maxRank: 2, maxExtent: 3 });
  return { self: slot("f32", [...lead, ...space]), space };
}
const reflecting = (rank: number) => (choose: Choose) => {
  const { self, space } = drawSpace(choose, rank);
  return { operands: { self }, attrs: { padding: mirrored(choose, space) } };
};
const replicating = (rank: number) => (choose: Choose) => {
  const { self, space } = drawSpace(choose, rank);
  return {
    operands: { self },
    attrs: {
      padding: drawPad(
        choose,
        space,
        () => 0,
        () => 3,
      ),
    },
  };
};

/** Padding. */
export const paddingSamples: readonly Sample[] = [
  defineSample(aten.reflectionPad1d, reflecting(1)),
  defineSample(aten.reflectionPad2d, reflecting(2)),
  defineSample(aten.reflectionPad3d, reflecting(3)),
  defineSample(aten.replicationPad1d, replicating(1)),
  defineSample(aten.replicationPad2d, replicating(2)),
  defineSample(aten.replicationPad3d, replicating(3)),
  defineSample(aten.padCircular, (choose) => {
    const { self, space } = drawSpace(choose, choose.between(1, 3));
    return { operands: { self }, attrs: { pad: mirrored(choose, space) } };
  }),
  defineSample(aten.constantPadNd, (choose) => {
    const { shape, dtype } = drawAny(choose);
    // a filling that the dtype cannot hold has no meaning
    return {
      operands: { self: slot(dtype, shape) },
      attrs: { pad: constantPad(choose, shape), value: choose.pick([0n, 1n, 2, 1.5, -1]) },
    };
  }),
  defineSample(aten.padEnum, (choose) => {
    const constant = choose.maybe(0.3);
    const shape = drawShape(choose);
    if (constant)
      return { operands: { self: slot("f32", shape) }, attrs: { pad: constantPad(choose, shape), mode: 3 } };
    const { self, space } = drawSpace(choose, choose.between(1, 3));
    return { operands: { self }, attrs: { pad: mirrored(choose, space), mode: choose.below(3) } };
  }),
  defineSample(aten.padOp, (choose) => {
    const mode = choose.pick(["constant", "reflect", "replicate", "circular"] as const);
    if (mode === "constant") {
      const shape = drawShape(choose);
      return {
        operands: { self: slot(drawDType(choose, ["f32", "i32", "i64"]), shape) },
        attrs: { pad: constantPad(choose, shape), mode },
      };
    }
    const { self, space } = drawSpace(choose, choose.between(1, 3));
    return { operands: { self }, attrs: { pad: mirrored(choose, space), mode } };
  }),
];
