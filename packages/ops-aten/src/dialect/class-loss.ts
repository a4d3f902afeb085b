import {
  attr,
  type Dim,
  invalid,
  isFloat,
  numbersOf,
  operand,
  showDim,
  showType,
  type TensorData,
  type TensorType,
  tensor,
  tensorData,
} from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import {
  classScores,
  floats,
  logSoftmaxOverClasses,
  negativeLogLikelihood,
  placesShape,
} from "../semantics/class-losses.ts";
import { lossType, reduceLoss, reductions } from "../semantics/losses.ts";
import { mapNumbers } from "../semantics/pointwise.ts";
import { numberOf } from "../semantics/scalar.ts";

const known = (d: Dim): number => (typeof d === "number" ? d : invalid("needs a static index to ignore"));
/** One loss for each place that has a target. `rank` is that of the scores, at least and at most. */
function placesType(
  { self, target, weight }: Scores<TensorType>,
  [least, most]: readonly [number, number],
): TensorType {
  const places = placesShape(self.shape);
  if (self.shape.length < least || self.shape.length > most || !sameExtents(places, target.shape))
    invalid(`has a target of type ${showType(target)} for scores of type ${showType(self)}`);
  checkWeight(weight, self);
  return tensor(self.dtype, places);
}
/** There is a weight for each class. */
function checkWeight(weight: TensorType | undefined, self: TensorType): void {
  const classes = self.shape.length > 1 ? self.shape[1]! : (self.shape[0] ?? 1);
  if (weight && !sameExtents(weight.shape, [classes]))
    invalid(`has weights of type ${showType(weight)} for ${showDim(classes)} classes`);
}
const sameExtents = (a: readonly Dim[], b: readonly Dim[]): boolean =>
  a.length === b.length && a.every((d, i) => typeof d !== "number" || typeof b[i] !== "number" || d === b[i]);
/** Scores are floats, targets the numbers of classes. */
const operands = {
  self: operand.float,
  target: operand.dtype("i64", "u8"),
  weight: operand.optional(operand.float),
} as const;
type Scores<T> = { readonly self: T; readonly target: T; readonly weight: T | undefined };
type NllAttrs = { readonly reduction: number; readonly ignore_index: Dim };

const nllOf = ({ self, target, weight }: Scores<TensorData>, { reduction, ignore_index }: NllAttrs) => {
  const { losses, total } = negativeLogLikelihood(self, target, weight, known(ignore_index));
  return {
    loss: reduceLoss(losses, reduction, total),
    total: tensorData(self.type.dtype, [], [reduction === reductions.none ? 0 : total]),
  };
};
const nll = (...ranks: readonly [number, number]) => ({
  operands,
  infer: (types: Scores<TensorType>, { reduction }: NllAttrs) => lossType(placesType(types, ranks), reduction),
  evaluate: (inputs: Scores<TensorData>, attrs: NllAttrs) => nllOf(inputs, attrs).loss,
});
const forward = (...ranks: readonly [number, number]) => ({
  operands,
  infer: (types: Scores<TensorType>, { reduction }: NllAttrs) => [
    lossType(placesType(types, ranks), reduction),
    tensor(types.self.dtype, []),
  ],
  evaluate: (inputs: Scores<TensorData>, attrs: NllAttrs) => {
    const { loss, total } = nllOf(inputs, attrs);
    return [loss, total];
  },
});
const summary = "Minus the scores of the target classes, weighted; one class may be ignored.";

export const nllLoss = defineAten(
  "nll_loss(Tensor self, Tensor target, Tensor? weight=None, int reduction=Mean, SymInt ignore_index=-100) -> Tensor",
  { summary, ...nll(1, 2) },
);
export const nllLossNd = defineAten(
  "nll_loss_nd(Tensor self, Tensor target, Tensor? weight=None, int reduction=Mean, SymInt ignore_index=-100) -> Tensor",
  { summary, ...nll(1, Infinity) },
);
export const nllLoss2d = defineAten(
  "nll_loss2d(Tensor self, Tensor target, Tensor? weight=None, int reduction=Mean, SymInt ignore_index=-100) -> Tensor",
  { summary, ...nll(4, 4) },
);
export const nllLossForward = defineAten(
  "nll_loss_forward(Tensor self, Tensor target, Tensor? weight, int reduction, SymInt ignore_index) -> (Tensor output, Tensor total_weight)",
  {
    summary: `${summary} And the sum of the weights.`,
    ...forward(1, 2),
  },
);
export const nllLoss2dForward = defineAten(
  "nll_loss2d_forward(Tensor self, Tensor target, Tensor? weight, int reduction, SymInt ignore_index) -> (Tensor output, Tensor total_weight)",
  {
    summary: `${summary} And the sum of the weights.`,
    ...forward(4, 4),
  },
);

/** Cross entropy with smoothed class indices: a share of the loss is that of guessing evenly. */
function smoothedCrossEntropy(
  logs: TensorData,
  target: TensorData,
  weight: TensorData | undefined,
  reduction: number,
  ignore: number,
  smoothing: number,
): TensorData {
  const { losses, total } = negativeLogLikelihood(logs, target, weight, ignore);
  const scores = classScores(logs);
  const classes = numbersOf(target);
  const weights = weight && numbersOf(weight);
  const even = floats(logs.type.dtype, target.type.shape, (i) => {
    if (classes[i] === ignore) return 0;
    let sum = 0;
    for (let c = 0; c < scores.classes; c++) sum -= scores.at(i, c) * (weights ? weights[c]! : 1);
    return sum;
  });
  return mapNumbers(
    lossType(losses.type, reduction),
    [reduceLoss(losses, reduction, total), reduceLoss(even, reduction, total)],
    (a, b) => (1 - smoothing) * a + (smoothing / scores.classes) * b,
  );
}
/** Cross entropy of probabilities. */
function probabilityCrossEntropy(
  logs: TensorData,
  target: TensorData,
  weight: TensorData | undefined,
  reduction: number,
  smoothing: number,
): TensorData {
  const scores = classScores(logs);
  const wanted = classScores(target);
  const weights = weight && numbersOf(weight);
  const losses = floats(logs.type.dtype, placesShape(logs.type.shape), (i) => {
    let sum = 0;
    for (let c = 0; c < scores.classes; c++)
      sum -=
        scores.at(i, c) *
        (wanted.at(i, c) * (1 - smoothing) + smoothing / scores.classes) *
        (weights ? weights[c]! : 1);
    return sum;
  });
  return reduceLoss(losses, reduction, scores.count);
}
export const crossEntropyLoss = defineAten(
  "cross_entropy_loss(Tensor self, Tensor target, Tensor? weight=None, int reduction=Mean, SymInt ignore_index=-100, float label_smoothing=0.0) -> Tensor",
  {
    summary: "Cross entropy of the softmax of scores and of target classes, or of target probabilities.",
    operands: {
      self: operand.float,
      target: operand.dtype("i64", "u8", "f32", "f16", "bf16", "f64"),
      weight: operands.weight,
    },
    infer({ self, target, weight }, { reduction }) {
      if (!isFloat(target.dtype)) return lossType(placesType({ self, target, weight }, [1, Infinity]), reduction);
      if (self.shape.length === 0 || !sameExtents(self.shape, target.shape))
        invalid(`has probabilities of type ${showType(target)} for scores of type ${showType(self)}`);
      checkWeight(weight, self);
      return lossType(tensor(self.dtype, placesShape(self.shape)), reduction);
    },
    evaluate({ self, target, weight }, { reduction, ignore_index, label_smoothing }) {
      const logs = logSoftmaxOverClasses(self);
      return isFloat(target.type.dtype)
        ? probabilityCrossEntropy(logs, target, weight, reduction, label_smoothing)
        : smoothedCrossEntropy(logs, target, weight, reduction, known(ignore_index), label_smoothing);
    },
  },
);

/** One loss for each row of scores. The exporter takes one sample for a batch of one. */
const rowsOf = (self: TensorType): TensorType =>
  self.shape.length > 2 || self.shape.length === 0
    ? invalid(`takes scores of rank 1 or 2, got ${showType(self)}`)
    : tensor(self.dtype, self.shape.length === 2 ? [self.shape[0]!] : [1]);

export const multiMarginLoss = defineAten(
  "multi_margin_loss(Tensor self, Tensor target, Scalar p=1, Scalar margin=1, Tensor? weight=None, int reduction=Mean) -> Tensor",
  {
    summary: "How far other classes come within a margin of the target class, on average over all classes.",
    operands,
    attrs: { reduction: attr.int.default_(1) },
    infer({ self, target, weight }, { p, reduction }) {
      const losses = rowsOf(self);
      if (target.shape.length > 1 || !sameExtents(target.shape.length ? target.shape : [1], losses.shape))
        invalid(`has a target of type ${showType(target)} for scores of type ${showType(self)}`);
      if (numberOf(p) !== 1 && numberOf(p) !== 2) invalid(`takes margins to the power of 1 or 2, got ${numberOf(p)}`);
      checkWeight(weight, self);
      return lossType(losses, reduction);
    },
    evaluate({ self, target, weight }, { p, margin, reduction }) {
      const scores = classScores(self);
      const classes = numbersOf(target);
      const losses = floats(self.type.dtype, [classes.length], (i) => {
        const y = classes[i]!;
        let sum = 0;
        for (let c = 0; c < scores.classes; c++)
          if (c !== y) sum += Math.max(0, numberOf(margin) - scores.at(i, y) + scores.at(i, c)) ** numberOf(p);
        return (sum * (weight ? numbersOf(weight)[y]! : 1)) / scores.classes;
      });
      return reduceLoss(losses, reduction);
    },
  },
);

/** The classes that are named before the first -1. */
const namedClasses = (line: readonly number[]): readonly number[] =>
  line.indexOf(-1) < 0 ? line : line.slice(0, line.indexOf(-1));
/** Loss of each row, and which classes are targets. */
function multilabelMargin(
  self: TensorData,
  target: TensorData,
): { readonly losses: TensorData; readonly isTarget: TensorData } {
  const scores = classScores(self);
  const n = scores.classes;
  const rows = Array.from({ length: scores.count }, (_, i) =>
    namedClasses(Array.from(numbersOf(target).slice(i * n, (i + 1) * n))),
  );
  const losses = floats(self.type.dtype, [scores.count], (i) => {
    let sum = 0;
    for (const y of rows[i]!)
      for (let c = 0; c < n; c++) if (!rows[i]!.includes(c)) sum += Math.max(0, 1 - scores.at(i, y) + scores.at(i, c));
    return sum / n;
  });
  return {
    losses,
    isTarget: floats(self.type.dtype, self.type.shape, (k) => (rows[Math.floor(k / n)]!.includes(k % n) ? 1 : 0)),
  };
}
const labelOperands = { self: operand.float, target: operand.dtype("i64") } as const;
/** A loss for each row of scores that has labels. */
function labelled({ self, target }: { readonly self: TensorType; readonly target: TensorType }): TensorType {
  if (!sameExtents(self.shape, target.shape))
    invalid(`has labels of type ${showType(target)} for scores of type ${showType(self)}`);
  return rowsOf(self);
}
export const multilabelMarginLoss = defineAten(
  "multilabel_margin_loss(Tensor self, Tensor target, int reduction=Mean) -> Tensor",
  {
    operands: labelOperands,
    summary: "How far other classes come within one of any target class; targets are listed before a -1.",
    attrs: { reduction: attr.int.default_(1) },
    infer: (types, { reduction }) => lossType(labelled(types), reduction),
    evaluate: ({ self, target }, { reduction }) => reduceLoss(multilabelMargin(self, target).losses, reduction),
  },
);
export const multilabelMarginLossForward = defineAten(
  "multilabel_margin_loss_forward(Tensor self, Tensor target, int reduction) -> (Tensor output, Tensor is_target)",
  {
    operands: labelOperands,
    summary: "How far other classes come within one of any target class, and which those are.",
    infer: (types, { reduction }) => [
      lossType(labelled(types), reduction),
      tensor(types.self.dtype, types.target.shape),
    ],
    evaluate: ({ self, target }, { reduction }) => {
      const { losses, isTarget } = multilabelMargin(self, target);
      return [reduceLoss(losses, reduction), isTarget];
    },
  },
);
