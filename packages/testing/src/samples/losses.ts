import type { OpDef } from "@tflower/core";
import { aten } from "@tflower/ops-aten";
import { type Draft, defineSample, type Sample, type Slot, slot } from "../application/sample.ts";
import { drawBroadcastable, drawShape } from "../arbitrary/shapes.ts";
import type { Choose } from "../choose/choose.ts";

const finite = { values: "finite" } as const;
const reduction = (choose: Choose): number => choose.below(3);
const weights = (choose: Choose, classes: number): Slot | undefined =>
  choose.maybe(0.5) ? slot("f32", [classes], { values: { min: 0.25, max: 2 } }) : undefined;

/** Scores of classes at places, and a class for each place. Finite: a class that is passed over may hold what it likes, times zero. */
function drawScores(choose: Choose, minSpace: number, maxSpace: number) {
  const classes = choose.between(1, 5);
  const batch = minSpace > 0 || maxSpace > 0 || choose.maybe(0.8) ? [choose.between(1, 4)] : [];
  const space = drawShape(choose, { minRank: minSpace, maxRank: maxSpace, maxExtent: 3 });
  const places = [...batch, ...space];
  const self = slot("f32", [...batch, classes, ...space], { ...finite, constant: false });
  const target = slot(choose.maybe(0.2) ? "u8" : "i64", places, { values: { min: 0, max: classes - 1 } });
  return { self, target, classes };
}
const likelihood = (op: OpDef, minSpace: number, maxSpace: number): Sample => ({
  op,
  draw(choose): Draft {
    const { self, target, classes } = drawScores(choose, minSpace, maxSpace);
    // what is ignored may be one of the classes, too; a mean of nothing is NaN
    const ignore_index = choose.pick([-100, 0, 1]);
    return {
      operands: { self, target, weight: weights(choose, classes) },
      attrs: { reduction: reduction(choose), ignore_index },
    };
  },
});

/** Losses over classes. */
export const lossSamples: readonly Sample[] = [
  ...[aten.nllLoss, aten.nllLossForward].map((op) => likelihood(op, 0, 0)),
  likelihood(aten.nllLossNd, 0, 2),
  ...[aten.nllLoss2d, aten.nllLoss2dForward].map((op) => likelihood(op, 2, 2)),
  defineSample(aten.crossEntropyLoss, (choose) => {
    const { self, target, classes } = drawScores(choose, 0, 2);
    const smoothing = { label_smoothing: choose.pick([0, 0.1, 0.5]) };
    const weight = weights(choose, classes);
    if (choose.maybe(0.3)) {
      const shares = slot("f32", self.type.shape as number[], { values: { min: 0, max: 1 } });
      return { operands: { self, target: shares, weight }, attrs: { reduction: reduction(choose), ...smoothing } };
    }
    const ignore_index = choose.pick([-100, 0]);
    return { operands: { self, target, weight }, attrs: { reduction: reduction(choose), ignore_index, ...smoothing } };
  }),
  defineSample(aten.multiMarginLoss, (choose) => {
    const { self, target, classes } = drawScores(choose, 0, 0);
    return {
      operands: {
        self,
        target: slot("i64", target.type.shape as number[], { values: { min: 0, max: classes - 1 } }),
        weight: weights(choose, classes),
      },
      attrs: { p: choose.pick([1n, 2n]), margin: choose.pick([1n, 0.5, 2]), reduction: reduction(choose) },
    };
  }),
  ...[aten.multilabelMarginLoss, aten.multilabelMarginLossForward].map((op) =>
    defineSample(op as typeof aten.multilabelMarginLossForward, (choose) => {
      const classes = choose.between(1, 5);
      const batch = choose.maybe(0.7) ? [choose.between(1, 3)] : [];
      const shape = [...batch, classes];
      // classes that differ, and then -1, behind which anything may stand
      const rows = Array.from({ length: batch[0] ?? 1 }, () => {
        const named = choose.permutation(classes);
        const count = choose.between(0, classes);
        return named.map((c, i) => (i === count ? -1 : c));
      });
      const data = BigInt64Array.from(rows.flat(), BigInt);
      return {
        operands: {
          self: slot("f32", shape, { ...finite, constant: false }),
          target: slot("i64", shape, { data: { type: { dtype: "i64", shape }, data } }),
        },
        attrs: { reduction: reduction(choose) },
      };
    }),
  ),
  // probabilities: what is infinite, times what is zero, is NaN in one order of steps and not in another
  defineSample(aten.binaryCrossEntropy, (choose) => {
    const shape = drawShape(choose, { maxRank: 3 });
    const share = slot("f32", shape, { values: { min: 0, max: 1 } });
    return {
      operands: {
        self: { ...share, constant: false },
        target: share,
        weight: choose.maybe(0.4) ? slot("f32", drawBroadcastable(choose, shape), finite) : undefined,
      },
      attrs: { reduction: reduction(choose) },
    };
  }),
  defineSample(aten.binaryCrossEntropyWithLogits, (choose) => {
    const shape = drawShape(choose, { maxRank: 3 });
    const optional = (): Slot | undefined =>
      choose.maybe(0.4) ? slot("f32", drawBroadcastable(choose, shape), finite) : undefined;
    return {
      operands: {
        self: slot("f32", shape, { ...finite, constant: false }),
        target: slot("f32", shape, { values: { min: 0, max: 1 } }),
        weight: optional(),
        pos_weight: optional(),
      },
      attrs: { reduction: reduction(choose) },
    };
  }),
  defineSample(aten.cosineEmbeddingLoss, (choose) => {
    const [rows, width] = [choose.maybe(0.8) ? [choose.between(1, 4)] : [], choose.between(1, 5)];
    const signs = Float32Array.from({ length: rows[0] ?? 1 }, () => choose.pick([1, -1]));
    return {
      operands: {
        input1: slot("f32", [...rows, width], { ...finite, constant: false }),
        input2: slot("f32", [...rows, width], finite),
        target: slot("f32", rows, { data: { type: { dtype: "f32", shape: rows }, data: signs } }),
      },
      attrs: { margin: choose.pick([0, 0.25, -0.5]), reduction: reduction(choose) },
    };
  }),
];
