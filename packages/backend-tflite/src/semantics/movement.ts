import {
  allocate,
  type Carrier,
  copyStrided,
  countOf,
  rowMajorStrides,
  staticShape,
  type TensorData,
  type TensorType,
  wrap,
} from "@tflower/core";
import { eachLine } from "./broadcast.ts";

/** A tensor of `type` whose elements `strides` and `offset` pick from `x`. */
export function strided(type: TensorType, x: TensorData, strides: readonly number[], offset = 0): TensorData {
  const shape = staticShape(type.shape);
  const out = allocate(type.dtype, countOf(shape));
  copyStrided(x.data, out, shape, strides, offset);
  return wrap(type, out);
}

/** Copies `x` into `out`, a row-major tensor with `strides`, so that its first element lies at `offset`. */
export function copyInto(out: Carrier, strides: readonly number[], offset: number, x: TensorData): void {
  const from = x.data as Float32Array;
  const to = out as Float32Array;
  eachLine(x.type.shape, [strides], (i, n, [at], [step]) => {
    if (step === 1) to.set(from.subarray(i, i + n), offset + at!);
    else for (let k = 0; k < n; k++) to[offset + at! + k * step!] = from[i + k]!;
  });
}

/** A tensor of `type` whose element `[i, j, ...]` is element `[maps[0][i], maps[1][j], ...]` of `x`. */
export function pickAlong(type: TensorType, x: TensorData, maps: readonly (readonly number[])[]): TensorData {
  const shape = staticShape(type.shape);
  const out = allocate(type.dtype, countOf(shape));
  const strides = rowMajorStrides(x.type.shape);
  const from = x.data as Float32Array;
  const to = out as Float32Array;
  const rank = shape.length;
  let w = 0;
  const walk = (d: number, at: number): void => {
    const step = strides[d] ?? 0;
    const map = maps[d];
    if (!map) to[w++] = from[at]!;
    else if (d === rank - 1) for (const i of map) to[w++] = from[at + i * step]!;
    else for (const i of map) walk(d + 1, at + i * step);
  };
  if (out.length > 0) walk(0, 0);
  return wrap(type, out);
}

/** 0, 1, ..., n - 1. */
export const iota = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
