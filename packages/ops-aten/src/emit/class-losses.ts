import { tfl } from "@tflower/backend-tflite";
import { type Dim, type Emit, i32Data, isStatic, type Value } from "@tflower/core";
import { gather } from "../dialect/gather.ts";
import { convertTo, float, numberValue } from "./convert.ts";
import { fillLike } from "./fill.ts";
import { isEqual, neg, select } from "./pointwise.ts";
import { reshapeTo } from "./rearrange.ts";
import { countTo } from "./triangle.ts";

/** Where the classes lie in scores: along the second axis, or along the only one. */
export const classAxis = (scores: Value): number => (scores.type.shape.length > 1 ? 1 : 0);

/** Scores of one class each: `index` has the shape of the scores without their class axis. */
export function pickClass(emit: Emit, scores: Value, index: Value): Value {
  const axis = classAxis(scores);
  const at = reshapeTo(
    emit,
    index,
    scores.type.shape.map((d, i): Dim => (i === axis ? 1 : d)),
  );
  return reshapeTo(emit, emit(gather, { self: scores, index: at }, { dim: axis }), index.type.shape);
}
/** Class numbers along the class axis of scores of `rank`. */
export function classNumbers(emit: Emit, scores: Value): Value {
  const axis = classAxis(scores);
  const n = scores.type.shape[axis]!;
  const numbers = isStatic(n) ? emit.constant(i32Data(Array.from({ length: n }, (_, i) => i))) : countTo(emit, n);
  return reshapeTo(
    emit,
    numbers,
    scores.type.shape.map((_, i): Dim => (i === axis ? n : 1)),
  );
}

/** Losses of the target classes, and their weights. */
export interface PickedLosses {
  readonly losses: Value;
  readonly weights: Value;
  /** Whether a place is left out. */
  readonly ignored: Value;
}
export function pickedLosses(
  emit: Emit,
  scores: Value,
  targets: Value,
  weight: Value | undefined,
  ignore: Dim,
): PickedLosses {
  // what is ignored may be a number that bytes do not have
  const target = targets.type.dtype === "u8" ? convertTo(emit, targets, "i32") : targets;
  const zero = numberValue(emit, 0n, target.type.dtype);
  const skip = isStatic(ignore)
    ? numberValue(emit, BigInt(ignore), target.type.dtype)
    : convertTo(emit, emit.dim(ignore), target.type.dtype);
  const ignored = isEqual(emit, target, skip);
  const index = select(emit, ignored, zero, target);
  const picked = neg(emit, pickClass(emit, scores, index));
  const own = weight
    ? emit(tfl.gather, { params: weight, indices: convertTo(emit, index, "i32") }, { axis: 0 })
    : undefined;
  const weights = select(emit, ignored, float(emit, 0), own ?? fillLike(emit, float(emit, 1), index));
  const losses = select(emit, ignored, float(emit, 0), own ? emit(tfl.mul, { lhs: picked, rhs: own }) : picked);
  return { losses, weights, ignored };
}
