import { tfl } from "@tflower/backend-tflite";
import { type Dim, type DType, type Emit, isFloat, mulDim, type OpDef, sizeOf, type Value } from "@tflower/core";
import { reducedShape } from "../semantics/reduce.ts";
import { addNumber, numberLike, squared, widenInteger } from "./compute.ts";
import { add, div } from "./pointwise.ts";
import { castTo, reshapeTo } from "./rearrange.ts";

type Reduction = typeof tfl.sum;
/** XNNPACK takes tensors of at most this many axes, and a model with a reduction of more does not load. */
const maxRank = 6;

/** Runs of neighbouring axes that are all reduced or all kept, joined into one. */
function joinRuns(shape: readonly Dim[], axes: readonly number[]): { readonly shape: Dim[]; readonly axes: number[] } {
  const joined: Dim[] = [];
  const gone: number[] = [];
  shape.forEach((d, i) => {
    const reduces = axes.includes(i);
    if (i > 0 && reduces === axes.includes(i - 1)) joined[joined.length - 1] = mulDim(joined.at(-1)!, d);
    else {
      if (reduces) gone.push(joined.length);
      joined.push(d);
    }
  });
  return { shape: joined, axes: gone };
}

/** Reduces `axes` by one of the builtins that take axes, in a dtype that its kernel has. */
export function reduceBy(emit: Emit, op: Reduction | OpDef, x: Value, axes: readonly number[], keep: boolean): Value {
  if (axes.length === 0) return x;
  const reduction = op as Reduction;
  const shape = x.type.shape;
  if (shape.length <= maxRank) return emit(reduction, { input: x }, { axes, keep_dims: keep });
  const runs = joinRuns(shape, axes);
  if (runs.shape.length <= maxRank)
    return reshapeTo(
      emit,
      emit(reduction, { input: reshapeTo(emit, x, runs.shape) }, { axes: runs.axes }),
      reducedShape(shape, axes, keep),
    );
  // one run after the other gives the same, also for means, whose lines are of one length
  const last = runs.axes.at(-1)!;
  const sandwich = [sizeOf(runs.shape.slice(0, last)), runs.shape[last]!, sizeOf(runs.shape.slice(last + 1))];
  const less = emit(reduction, { input: reshapeTo(emit, x, sandwich) }, { axes: [1] });
  const rest = reduceBy(emit, op, reshapeTo(emit, less, runs.shape.toSpliced(last, 1)), runs.axes.slice(0, -1), false);
  return reshapeTo(emit, rest, reducedShape(shape, axes, keep));
}

/** Sum over axes, exact in floats, int32 and int64. */
export const sumOver = (emit: Emit, x: Value, axes: readonly number[], keep: boolean): Value =>
  reduceBy(emit, tfl.sum, x, axes, keep);
export const meanOver = (emit: Emit, x: Value, axes: readonly number[], keep: boolean): Value =>
  reduceBy(emit, tfl.mean, x, axes, keep);

/** Zero, or NaN for a line with a NaN, whatever the infinities in it: a sum of squares is NaN for no other reason, and 0 / (s + 1) forgets the rest. */
export function nanOver(emit: Emit, x: Value, axes: readonly number[], keep: boolean): Value {
  const s = sumOver(emit, squared(emit, x), axes, keep);
  return div(emit, numberLike(emit, s, 0), addNumber(emit, s, 1));
}

/** Greatest or least element over axes. Kernels lose NaN in the middle of a line, so floats get it added. */
export function extremeOver(emit: Emit, kind: "max" | "min", x: Value, axes: readonly number[], keep: boolean): Value {
  if (axes.length === 0) return x;
  const { dtype } = x.type;
  if (dtype === "bool") return reduceBy(emit, kind === "max" ? tfl.reduceAny : tfl.reduceAll, x, axes, keep);
  const extreme = looseExtremeOver(emit, kind, x, axes, keep);
  return isFloat(dtype) ? add(emit, extreme, nanOver(emit, x, axes, keep)) : extreme;
}

/** {@link extremeOver} where NaN may be lost because what follows brings it back. */
export function looseExtremeOver(
  emit: Emit,
  kind: "max" | "min",
  x: Value,
  axes: readonly number[],
  keep: boolean,
): Value {
  const wide = widenInteger(emit, x);
  return castTo(emit, reduceBy(emit, kind === "max" ? tfl.reduceMax : tfl.reduceMin, wide, axes, keep), x.type.dtype);
}

/** A reduction of integers in int32 or int64; narrower results wrap. */
export function reduceIntegersBy(
  emit: Emit,
  op: Reduction | OpDef,
  x: Value,
  axes: readonly number[],
  keep: boolean,
  dtype: DType,
): Value {
  const exact: DType = dtype === "i64" || dtype === "i32" || isFloat(dtype) ? dtype : "i32";
  return castTo(emit, reduceBy(emit, op, castTo(emit, x, exact), axes, keep), dtype);
}
