import {
  allocate,
  type Carrier,
  countOf,
  isBig,
  rowMajorStrides,
  type TensorData,
  type TensorType,
  wrap,
} from "@tflower/core";
import { extentsOf } from "./axes.ts";
import { largerOf, smallerOf } from "./integers.ts";

type Static = TensorType & { readonly shape: readonly number[] };

/** Row-major index of a place, or -1 when it lies outside. */
const indexIn = (place: readonly number[], shape: readonly number[], strides: readonly number[]): number => {
  let at = 0;
  for (let d = 0; d < shape.length; d++) {
    if (place[d]! < 0 || place[d]! >= shape[d]!) return -1;
    at += place[d]! * strides[d]!;
  }
  return at;
};
const placeOf = (i: number, shape: readonly number[], strides: readonly number[]): number[] =>
  strides.map((s, d) => Math.floor(i / s) % shape[d]!);

/** Writes `x` into a tensor of `value`, element `i` of an axis at `low + i * step`; what falls outside is dropped. */
export function spread(
  type: Static,
  x: TensorData,
  value: number | bigint,
  low: readonly number[],
  step: readonly number[],
): TensorData {
  const out = allocate(type.dtype, countOf(type.shape));
  out.fill(value as never);
  const shape = extentsOf(x);
  const own = rowMajorStrides(shape);
  const strides = rowMajorStrides(type.shape);
  for (let i = 0; i < x.data.length; i++) {
    const at = indexIn(
      placeOf(i, shape, own).map((p, d) => low[d]! + p * step[d]!),
      type.shape,
      strides,
    );
    if (at >= 0) (out as Carrier)[at] = x.data[i]!;
  }
  return wrap(type, out);
}

export interface WindowRule {
  readonly window_dimensions: readonly number[];
  readonly window_strides: readonly number[];
  readonly window_dilations: readonly number[];
  readonly reduce_function: "ADD" | "MUL" | "MINIMUM" | "MAXIMUM" | "ALL" | "ANY";
}

/** Two elements made one; bigints at run time where elements are 64-bit integers. */
const folds = (big: boolean): Readonly<Record<WindowRule["reduce_function"], (a: number, b: number) => number>> => ({
  ADD: (a, b) => a + b,
  MUL: big
    ? (a, b) => BigInt.asIntN(64, (a as unknown as bigint) * (b as unknown as bigint)) as unknown as number
    : (a, b) => a * b,
  MINIMUM: smallerOf,
  MAXIMUM: largerOf,
  ALL: (a, b) => a & b,
  ANY: (a, b) => a | b,
});

/** Folds each window, elements in row-major order, beginning with `start`. */
export function foldWindows(type: Static, x: TensorData, start: number | bigint, a: WindowRule): TensorData {
  const fold = folds(isBig(type.dtype))[a.reduce_function];
  const shape = extentsOf(x);
  const own = rowMajorStrides(shape);
  const strides = rowMajorStrides(type.shape);
  const inner = rowMajorStrides(a.window_dimensions);
  const size = countOf(a.window_dimensions);
  const out = allocate(type.dtype, countOf(type.shape));
  for (let i = 0; i < out.length; i++) {
    const corner = placeOf(i, type.shape, strides);
    let sum = start as number;
    for (let k = 0; k < size; k++) {
      const place = placeOf(k, a.window_dimensions, inner).map(
        (p, d) => corner[d]! * a.window_strides[d]! + p * a.window_dilations[d]!,
      );
      sum = fold(sum, x.data[indexIn(place, shape, own)] as number);
    }
    out[i] = sum as never;
  }
  return wrap(type, out);
}
