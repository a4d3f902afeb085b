import {
  allocate,
  type Carrier,
  copyStrided,
  countOf,
  type Dim,
  invalid,
  isBig,
  type NumberCarrier,
  numbersOf,
  roundTo,
  rowMajorStrides,
  sameDim,
  showDim,
  type TensorData,
  type TensorType,
  tensor,
  wrap,
} from "@tflower/core";
import { axesOf, axisOf } from "./axes.ts";

/** The axes that `dim` names, ascending; every axis when it names none. A scalar has none to reduce. */
export function reduceAxes(dim: number | readonly number[] | undefined, rank: number): number[] {
  const axes = axesOf(dim === undefined ? [] : typeof dim === "number" ? [dim] : dim, rank).sort((a, b) => a - b);
  if (rank === 0) return [];
  return axes.length ? axes : Array.from({ length: rank }, (_, i) => i);
}

/** The axes of `any.dims` and `all.dims`, where an empty list, unlike none, names no axis. */
export const truthAxes = (dim: readonly number[] | undefined, rank: number): number[] =>
  dim?.length === 0 ? [] : reduceAxes(dim, rank);
/** All axes but `dim`. */
export function restAxes(dim: number, rank: number): number[] {
  const axis = axisOf(dim, rank);
  return Array.from({ length: rank }, (_, i) => i).filter((i) => i !== axis);
}
/** All axes but `dim`, or all of them for -1, which here means none is left out. */
export const axesBut = (dim: number, rank: number): number[] =>
  dim === -1 ? Array.from({ length: rank }, (_, i) => i) : restAxes(dim, rank);
/** Axes of `shape` that summing to `size` reduces: those in front, and those where `size` has 1. */
export function sumToSizeAxes(shape: readonly Dim[], size: readonly Dim[]): number[] {
  const lead = shape.length - size.length;
  if (lead < 0) invalid(`size [${size.map(showDim).join(",")}] has more axes than the tensor`);
  return shape.flatMap((d, i) => {
    const to = i < lead ? undefined : size[i - lead]!;
    if (to === undefined || (to === 1 && d !== 1)) return [i];
    if (typeof to === "number" && typeof d === "number" && !sameDim(to, d))
      invalid(`size [${size.map(showDim).join(",")}] does not broadcast to [${shape.map(showDim).join(",")}]`);
    return [];
  });
}

/** What is left of `shape` when `axes` are reduced. */
export const reducedShape = (shape: readonly Dim[], axes: readonly number[], keepdim: boolean): Dim[] =>
  keepdim ? shape.map((d, i) => (axes.includes(i) ? 1 : d)) : shape.filter((_, i) => !axes.includes(i));

/** A tensor cut into lines: all elements that one reduced element is made of, neighbours in `data`, in row-major order. */
export interface Lines {
  readonly data: Carrier;
  readonly length: number;
  readonly count: number;
}

/** Cuts `x` into lines along `axes`, the lines in row-major order of the axes that are left. */
export function linesOf(x: TensorData, axes: readonly number[]): Lines {
  const shape = x.type.shape;
  const rest = shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const length = countOf(axes.map((a) => shape[a]!));
  const count = countOf(rest.map((a) => shape[a]!));
  const order = [...rest, ...axes];
  if (order.every((a, i) => a === i)) return { data: x.data, length, count };
  const strides = rowMajorStrides(shape);
  const data = allocate(x.type.dtype, x.data.length);
  copyStrided(
    x.data,
    data,
    order.map((a) => shape[a]!),
    order.map((a) => strides[a]!),
  );
  return { data, length, count };
}

/** The result's type with the extents that `x` gives it: `type` may hold symbols. It has kept its axes when it has as many as `x`. */
export const shapedFor = (type: TensorType, x: TensorData, axes: readonly number[]): TensorType =>
  tensor(type.dtype, reducedShape(x.type.shape, axes, type.shape.length === x.type.shape.length));

/** Reduces each line of numbers to one; the result is rounded to its dtype. */
export function reduceNumbers(
  type: TensorType,
  x: TensorData,
  axes: readonly number[],
  f: (line: ArrayLike<number>) => number,
): TensorData {
  const { data, length, count } = linesOf(x, axes);
  const numbers = numbersOf(wrap(x.type, data));
  const out = allocate(type.dtype, count);
  const round = roundTo(type.dtype);
  const big = isBig(type.dtype);
  for (let i = 0; i < count; i++) {
    const v = f(numbers.slice(i * length, (i + 1) * length));
    if (big) (out as BigInt64Array)[i] = BigInt(v);
    else (out as NumberCarrier)[i] = round ? round(v) : v;
  }
  return wrap(shapedFor(type, x, axes), out);
}

/** Reduces each line of integers exactly; the result wraps to its dtype. */
export function reduceIntegers(
  type: TensorType,
  x: TensorData,
  axes: readonly number[],
  f: (line: readonly bigint[]) => bigint,
): TensorData {
  const { data, length, count } = linesOf(x, axes);
  const out = allocate(type.dtype, count);
  const big = isBig(type.dtype);
  for (let i = 0; i < count; i++) {
    const v = BigInt.asIntN(64, f(Array.from(data.subarray(i * length, (i + 1) * length), BigInt)));
    if (big) (out as BigInt64Array)[i] = v;
    else (out as NumberCarrier)[i] = Number(BigInt.asIntN(32, v));
  }
  return wrap(shapedFor(type, x, axes), out);
}

/** Sum of a line. */
export function sumOf(line: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < line.length; i++) sum += line[i]!;
  return sum;
}

/**
 * Where the extreme of a line stands, `-1` in an empty one: the first of equal elements, and the first NaN before all numbers.
 * `before(a, b)` says that `a` is more extreme than `b`.
 */
export function extremeAt<T extends number | bigint>(line: ArrayLike<T>, before: (a: T, b: T) => boolean): number {
  let at = line.length ? 0 : -1;
  for (let i = 0; i < line.length; i++) {
    if (Number.isNaN(line[i])) return i;
    if (before(line[i]!, line[at]!)) at = i;
  }
  return at;
}
