import { tfl } from "@tflower/backend-tflite";
import {
  addDim,
  type Dim,
  type DType,
  type Emit,
  isStatic,
  sameDim,
  sameShape,
  sizeOf,
  type Value,
} from "@tflower/core";
import { isIdentity } from "../semantics/permutations.ts";

/** `x` in another shape of as many elements. */
export const reshapeTo = (emit: Emit, x: Value, shape: readonly Dim[]): Value =>
  sameShape(x.type.shape, shape) ? x : emit(tfl.reshape, { input: x }, { shape });

/** All elements of `x` along one axis. */
export const flatten = (emit: Emit, x: Value): Value => reshapeTo(emit, x, [sizeOf(x.type.shape)]);

/** Axis `i` of the result is axis `perm[i]` of `x`. */
export const permuteBy = (emit: Emit, x: Value, perm: readonly number[]): Value =>
  isIdentity(perm) ? x : emit(tfl.transpose, { input: x }, { perm });

/** `x` in another dtype. */
export const castTo = (emit: Emit, x: Value, dtype: DType): Value =>
  x.type.dtype === dtype ? x : emit(tfl.cast, { input: x }, { out_data_type: dtype });

/** `count` places of an axis, from `start`. */
export function sliceAxis(emit: Emit, x: Value, axis: number, start: Dim, count: Dim): Value {
  const shape = x.type.shape;
  if (start === 0 && sameDim(count, shape[axis]!)) return x;
  // all that is left of a symbolic extent needs no arithmetic at run time
  const rest = (d: Dim): Dim => (isStatic(d) ? d : -1);
  const size = shape.map((d, i) => (i !== axis ? rest(d) : sameDim(addDim(start, count), d) ? rest(count) : count));
  return emit(tfl.slice, { input: x }, { begin: shape.map((_, i) => (i === axis ? start : 0)), size });
}

/** One place of an axis, which goes away. */
export function selectAxis(emit: Emit, x: Value, axis: number, index: Dim): Value {
  return reshapeTo(emit, sliceAxis(emit, x, axis, index, 1), x.type.shape.toSpliced(axis, 1));
}

/** `parts` one after the other along `axis`; those that are known to be empty are left out. */
export function concatAxis(emit: Emit, parts: readonly Value[], axis: number): Value {
  const counted = parts.filter((p) => p.type.shape[axis] !== 0);
  if (counted.length === 0) return parts[0]!;
  return counted.length === 1 ? counted[0]! : emit(tfl.concatenation, { values: counted }, { axis });
}

/** `x` repeated along axes of extent 1 up to `shape`; axes that it lacks come in front. */
export function broadcastTo(emit: Emit, x: Value, shape: readonly Dim[]): Value {
  if (sameShape(x.type.shape, shape)) return x;
  const aligned = [...new Array<Dim>(Math.max(shape.length - x.type.shape.length, 0)).fill(1), ...x.type.shape];
  if (sameShape(aligned, shape)) return reshapeTo(emit, x, shape);
  return emit(tfl.broadcastTo, { input: reshapeTo(emit, x, aligned) }, { shape });
}
