import { tfl } from "@tflower/backend-tflite";
import { type Emit, mulDim, type Value } from "@tflower/core";
import { axisToLast, inversePermutation } from "../semantics/permutations.ts";
import { div, sub } from "./pointwise.ts";
import { permuteBy, reshapeTo } from "./rearrange.ts";
import { extremeOver, sumOver } from "./reduce.ts";

/** The input less its greatest element along `axis`, NaN throughout where there is one, and exponentials of that and their sum, in which XNNPACK turns NaN into zero. */
function shifted(emit: Emit, x: Value, axis: number): { readonly x: Value; readonly exp: Value; readonly sum: Value } {
  const s = sub(emit, x, extremeOver(emit, "max", x, [axis], true));
  const exp = emit(tfl.exp, { input: s });
  return { x: s, exp, sum: sumOver(emit, exp, [axis], true) };
}

/** Softmax along `axis` of a float tensor. */
export function softmaxOver(emit: Emit, x: Value, axis: number): Value {
  const { shape } = x.type;
  const rank = shape.length;
  if (shape.some((d) => d === 0)) return x;
  if (rank === 0) return reshapeTo(emit, softmaxOver(emit, reshapeTo(emit, x, [1]), 0), []);
  if (rank > 6) {
    // XNNPACK takes at most six axes
    const folded = [shape.slice(0, axis), [shape[axis]!], shape.slice(axis + 1)].map((part) => part.reduce(mulDim, 1));
    return reshapeTo(emit, softmaxOver(emit, reshapeTo(emit, x, folded), 1), shape);
  }
  if (axis === rank - 1) return emit(tfl.softmax, { input: x });
  if (axis === 1) {
    // over channels: in the layout of images they are last, and the transposes meet others
    const perm = axisToLast(rank, axis);
    return permuteBy(emit, emit(tfl.softmax, { input: permuteBy(emit, x, perm) }), inversePermutation(perm));
  }
  const { exp, sum } = shifted(emit, x, axis);
  return div(emit, exp, sum);
}

/** Logarithm of the softmax along `axis` of a float tensor, from its parts: the builtin is slow, and the logarithm of a softmax underflows. */
export function logSoftmaxOver(emit: Emit, x: Value, axis: number): Value {
  if (x.type.shape.length === 0) return reshapeTo(emit, logSoftmaxOver(emit, reshapeTo(emit, x, [1]), 0), []);
  const { x: s, sum } = shifted(emit, x, axis);
  return sub(emit, s, emit(tfl.log, { input: sum }));
}
