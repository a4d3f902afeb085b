import { tfl } from "@tflower/backend-tflite";
import {
  type Dim,
  defineLowering,
  type Emit,
  isFloat,
  isStatic,
  type Rejection,
  reject,
  type Value,
} from "@tflower/core";
import * as aten from "../dialect/class-loss.ts";
import { sum, sumDimIntList } from "../dialect/reduce-sum.ts";
import { logSoftmaxInt } from "../dialect/softmax.ts";
import { classAxis, classNumbers, type PickedLosses, pickClass, pickedLosses } from "../emit/class-losses.ts";
import { convertTo, float, numberValue } from "../emit/convert.ts";
import { reduceLoss } from "../emit/losses.ts";
import { add, div, isEqual, isLess, mul, neg, plus, select, sub, times } from "../emit/pointwise.ts";
import { floatPower } from "../emit/power.ts";
import { reshapeTo } from "../emit/rearrange.ts";
import { reductions } from "../semantics/losses.ts";
import { numberOf } from "../semantics/scalar.ts";

type Scores = { readonly self: Value; readonly target: Value; readonly weight: Value | undefined };
type Attrs = { readonly reduction: number; readonly ignore_index: Dim };
const sumOf = (emit: Emit, self: Value): Value => emit(sum, { self });
const sumOverClasses = (emit: Emit, self: Value): Value => emit(sumDimIntList, { self }, { dim: [classAxis(self)] });
/** One vector for all classes, along the class axis of `scores`. */
const alongClasses = (emit: Emit, weight: Value, scores: Value): Value =>
  reshapeTo(
    emit,
    weight,
    scores.type.shape.map((d, i): Dim => (i === classAxis(scores) ? d : 1)),
  );

const perClass = (emit: Emit, x: Value, classes: Dim): Value =>
  isStatic(classes) ? times(emit, x, 1 / classes) : div(emit, x, convertTo(emit, emit.dim(classes), "f32"));

/** The mean divides by the weights of what is counted. */
const putTogether = (emit: Emit, { losses, weights }: PickedLosses, reduction: number): Value =>
  reduction === reductions.mean
    ? div(emit, sumOf(emit, losses), sumOf(emit, weights))
    : reduceLoss(emit, losses, reduction);
const nll = ({ self, target, weight }: Scores, { reduction, ignore_index }: Attrs, emit: Emit): Value =>
  putTogether(emit, pickedLosses(emit, self, target, weight, ignore_index), reduction);
const forward = ({ self, target, weight }: Scores, { reduction, ignore_index }: Attrs, emit: Emit): Value[] => {
  const picked = pickedLosses(emit, self, target, weight, ignore_index);
  return [
    putTogether(emit, picked, reduction),
    reduction === reductions.none ? float(emit, 0) : sumOf(emit, picked.weights),
  ];
};
export const nllLoss = defineLowering(aten.nllLoss, nll);
export const nllLossNd = defineLowering(aten.nllLossNd, nll);
export const nllLoss2d = defineLowering(aten.nllLoss2d, nll);
export const nllLossForward = defineLowering(aten.nllLossForward, forward);
export const nllLoss2dForward = defineLowering(aten.nllLoss2dForward, forward);

export const crossEntropyLoss = defineLowering(
  aten.crossEntropyLoss,
  ({ self, target, weight }, { reduction, ignore_index, label_smoothing }, emit) => {
    const logs = emit(logSoftmaxInt, { self }, { dim: classAxis(self) });
    const classes = self.type.shape[classAxis(self)]!;
    // what smoothing gives to each class
    const share = (): Value => perClass(emit, float(emit, label_smoothing), classes);
    if (isFloat(target.type.dtype)) {
      const wanted = label_smoothing === 0 ? target : add(emit, times(emit, target, 1 - label_smoothing), share());
      const terms = mul(emit, logs, weight ? mul(emit, wanted, alongClasses(emit, weight, logs)) : wanted);
      return reduceLoss(emit, neg(emit, sumOverClasses(emit, terms)), reduction);
    }
    const picked = pickedLosses(emit, logs, target, weight, ignore_index);
    const sharp = putTogether(emit, picked, reduction);
    if (label_smoothing === 0) return sharp;
    const every = sumOverClasses(emit, weight ? mul(emit, logs, alongClasses(emit, weight, logs)) : logs);
    const losses = select(emit, picked.ignored, float(emit, 0), neg(emit, every));
    const even = putTogether(emit, { ...picked, losses }, reduction);
    return add(emit, times(emit, sharp, 1 - label_smoothing), mul(emit, even, share()));
  },
);

/** `value` for every class at each place. */
const beside = (emit: Emit, value: Value, scores: Value): Value =>
  reshapeTo(
    emit,
    value,
    scores.type.shape.map((d, i): Dim => (i === classAxis(scores) ? 1 : d)),
  );

export const multiMarginLoss = defineLowering(
  aten.multiMarginLoss,
  ({ self, target, weight }, { p, margin, reduction }, emit) => {
    const classes = self.type.shape[classAxis(self)]!;
    const index = reshapeTo(emit, target, self.type.shape.length > 1 ? [self.type.shape[0]!] : []);
    const own = beside(emit, pickClass(emit, self, index), self);
    const over = floatPower(
      emit,
      emit(tfl.relu, { input: plus(emit, sub(emit, self, own), numberOf(margin)) }),
      numberOf(p),
    );
    const others = select(
      emit,
      isEqual(emit, classNumbers(emit, self), convertTo(emit, beside(emit, index, self), "i32")),
      float(emit, 0),
      over,
    );
    const losses = perClass(emit, sumOverClasses(emit, others), classes);
    const weighted = weight
      ? mul(emit, losses, emit(tfl.gather, { params: weight, indices: convertTo(emit, index, "i32") }, { axis: 0 }))
      : losses;
    return reduceLoss(
      emit,
      reshapeTo(emit, weighted, self.type.shape.length > 1 ? [self.type.shape[0]!] : [1]),
      reduction,
    );
  },
);

/** Rows of `[N, targets, classes]`: what each target asks of each class. */
function multilabelMargin(
  emit: Emit,
  self: Value,
  target: Value,
): { readonly losses: Value; readonly isTarget: Value } | Rejection {
  const n = self.type.shape.at(-1)!;
  if (!isStatic(n)) return reject("needs a static number of classes");
  const rows: Dim = self.type.shape.length > 1 ? self.type.shape[0]! : 1;
  const x = reshapeTo(emit, self, [rows, 1, n]);
  const t = convertTo(emit, reshapeTo(emit, target, [rows, n]), "i32");
  const ends = convertTo(emit, isLess(emit, t, numberValue(emit, 0n, "i32")), "i32");
  const named = isEqual(emit, emit(tfl.cumsum, { input: ends }, { axis: 1 }), numberValue(emit, 0n, "i32"));
  const numbers = reshapeTo(emit, classNumbers(emit, reshapeTo(emit, self, [rows, n])), [1, 1, n]);
  const hit = emit(tfl.logicalAnd, {
    lhs: isEqual(emit, reshapeTo(emit, t, [rows, n, 1]), numbers),
    rhs: reshapeTo(emit, named, [rows, n, 1]),
  });
  const hits = convertTo(emit, hit, "f32");
  // a class that is named twice counts twice as a target, and once as one
  const isTarget = emit(tfl.reduceMax, { input: hits }, { axes: [1], keep_dims: true });
  const own = emit(tfl.sum, { input: select(emit, hit, x, float(emit, 0)) }, { axes: [2], keep_dims: true });
  const over = emit(tfl.relu, { input: plus(emit, sub(emit, x, own), 1) });
  const asks = emit(tfl.logicalAnd, {
    lhs: reshapeTo(emit, named, [rows, n, 1]),
    rhs: isEqual(emit, isTarget, float(emit, 0)),
  });
  const total = emit(tfl.sum, { input: select(emit, asks, over, float(emit, 0)) }, { axes: [1, 2], keep_dims: false });
  return { losses: times(emit, total, 1 / n), isTarget: reshapeTo(emit, isTarget, target.type.shape) };
}
export const multilabelMarginLoss = defineLowering(
  aten.multilabelMarginLoss,
  ({ self, target }, { reduction }, emit) => {
    const out = multilabelMargin(emit, self, target);
    return "reason" in out ? out : reduceLoss(emit, out.losses, reduction);
  },
);
export const multilabelMarginLossForward = defineLowering(
  aten.multilabelMarginLossForward,
  ({ self, target }, { reduction }, emit) => {
    const out = multilabelMargin(emit, self, target);
    return "reason" in out ? out : [reduceLoss(emit, out.losses, reduction), out.isTarget];
  },
);
