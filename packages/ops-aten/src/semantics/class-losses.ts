import { allocate, countOf, numbersOf, type TensorData, tensor, wrap } from "@tflower/core";

/** Scores of classes as lines, one for each place that has a target: `[N, C, ...]` or `[C]`. */
export interface ClassScores {
  readonly classes: number;
  /** How many places there are. */
  readonly count: number;
  /** Score of class `c` at place `i`. */
  readonly at: (i: number, c: number) => number;
}

export function classScores(x: TensorData): ClassScores {
  const shape: readonly number[] = x.type.shape;
  const axis = shape.length > 1 ? 1 : 0;
  const classes = shape[axis]!;
  const inner = countOf(shape.slice(axis + 1));
  const data = numbersOf(x);
  return {
    classes,
    count: countOf(shape) / classes,
    at: (i, c) => data[(Math.floor(i / inner) * classes + c) * inner + (i % inner)]!,
  };
}
/** The shape of places: scores without their class axis. */
export const placesShape = <D>(shape: readonly D[]): readonly D[] =>
  shape.length > 1 ? [shape[0]!, ...shape.slice(2)] : [];

/** Float elements of a new tensor. */
export function floats(
  dtype: TensorData["type"]["dtype"],
  shape: readonly number[],
  f: (i: number) => number,
): TensorData {
  const out = allocate(dtype, countOf(shape)) as Float32Array;
  for (let i = 0; i < out.length; i++) out[i] = f(i);
  return wrap(tensor(dtype, shape), out);
}

/** Negative log likelihood of the targets: the losses, and the weights that a mean divides by. */
export function negativeLogLikelihood(
  x: TensorData,
  target: TensorData,
  weight: TensorData | undefined,
  ignore: number,
): { readonly losses: TensorData; readonly total: number } {
  const scores = classScores(x);
  const classes = numbersOf(target);
  const weights = weight && numbersOf(weight);
  let total = 0;
  const losses = floats(x.type.dtype, target.type.shape, (i) => {
    const c = classes[i]!;
    if (c === ignore) return 0;
    const w = weights ? weights[c]! : 1;
    total += w;
    return -w * scores.at(i, c);
  });
  return { losses, total };
}

/** Logarithm of the softmax over classes. */
export function logSoftmaxOverClasses(x: TensorData): TensorData {
  const scores = classScores(x);
  const logs = Array.from({ length: scores.count }, (_, i) => {
    const line = Array.from({ length: scores.classes }, (__, c) => scores.at(i, c));
    const top = Math.max(...line);
    return top + Math.log(line.reduce((sum, v) => sum + Math.exp(v - top), 0));
  });
  const shape: readonly number[] = x.type.shape;
  const inner = countOf(shape.slice(shape.length > 1 ? 2 : 1));
  const data = numbersOf(x);
  return floats(
    x.type.dtype,
    shape,
    (k) => data[k]! - logs[Math.floor(k / (inner * scores.classes)) * inner + (k % inner)]!,
  );
}
