import {
  allocate,
  countOf,
  type DType,
  isBig,
  isComplex,
  isFloat,
  type NumberCarrier,
  numbersOf,
  roundTo,
  staticShape,
  type TensorData,
  type TensorType,
  wrap,
} from "@tflower/core";
import type { FusedActivation } from "../dialect/define-tfl.ts";
import { broadcastStrides, eachLine } from "./broadcast.ts";

/** One function per kind of element; a missing one means that the op has no such form. */
export interface Pointwise<F extends (...v: never[]) => unknown, B> {
  readonly float?: F;
  readonly int?: F;
  /** For 64-bit integers. */
  readonly big?: B;
}
export type Unary = Pointwise<(x: number) => number, (x: bigint) => bigint>;
export type Binary = Pointwise<(a: number, b: number) => number, (a: bigint, b: bigint) => bigint> & {
  /** The same on a line of float32, where a call for each element would be most of the cost: weights are scaled by it. */
  readonly line?: LineFunction;
};
/** Computes `n` elements from `o` on; operands advance by their steps. */
export type LineFunction = (
  x: Float32Array,
  i: number,
  di: number,
  y: Float32Array,
  j: number,
  dj: number,
  to: Float32Array,
  o: number,
  n: number,
) => void;

/** The function for elements of `dtype`, seen as one on numbers: carriers of 64-bit integers hold bigints at run time. */
function pick<F>(dtype: DType, rule: { readonly float?: F; readonly int?: F; readonly big?: unknown }): F {
  const f = isFloat(dtype) ? rule.float : isBig(dtype) ? rule.big : isComplex(dtype) ? undefined : rule.int;
  if (!f) throw new RangeError(`has no reference semantics for ${dtype}`);
  return f as F;
}

/** Rounds elements that are carried wider than their dtype. */
function settle(dtype: DType, out: Float32Array): void {
  const round = roundTo(dtype);
  if (round) for (let i = 0; i < out.length; i++) out[i] = round(out[i]!);
}

/** Applies `rule` to each element. */
export function mapUnary(type: TensorType, x: TensorData, rule: Unary): TensorData {
  const f = pick(x.type.dtype, rule);
  const from = x.data as Float32Array;
  const out = allocate(type.dtype, from.length);
  const to = out as Float32Array;
  for (let i = 0; i < from.length; i++) to[i] = f(from[i]!);
  settle(type.dtype, to);
  return wrap(type, out);
}

/** Applies `rule` to pairs of elements, operands broadcast to the result's shape. */
export function mapBinary(type: TensorType, a: TensorData, b: TensorData, rule: Binary): TensorData {
  const f = pick(a.type.dtype, rule);
  const { line } = rule;
  if (!line || a.type.dtype !== "f32" || b.type.dtype !== "f32" || type.dtype !== "f32") return mapPairs(type, a, b, f);
  const full = staticType(type);
  const to = new Float32Array(countOf(full.shape));
  const x = a.data as Float32Array;
  const y = b.data as Float32Array;
  eachLine(
    full.shape,
    [broadcastStrides(a.type.shape, full.shape), broadcastStrides(b.type.shape, full.shape)],
    (o, n, at, step) => line(x, at[0]!, step[0]!, y, at[1]!, step[1]!, to, o, n),
  );
  return wrap(full, to);
}

/** Applies `f` to pairs of elements as their carriers hold them. */
export function mapPairs(
  type: TensorType,
  a: TensorData,
  b: TensorData,
  f: (a: number, b: number) => number,
): TensorData {
  const full = staticType(type);
  const out = allocate(full.dtype, countOf(full.shape));
  const to = out as Float32Array;
  const x = a.data as Float32Array;
  const y = b.data as Float32Array;
  eachLine(
    full.shape,
    [broadcastStrides(a.type.shape, full.shape), broadcastStrides(b.type.shape, full.shape)],
    (o, n, at, step) => {
      let i = at[0]!;
      let j = at[1]!;
      const di = step[0]!;
      const dj = step[1]!;
      for (let k = 0; k < n; k++, i += di, j += dj) to[o + k] = f(x[i]!, y[j]!);
    },
  );
  settle(full.dtype, to);
  return wrap(full, out);
}

/** `condition ? x : y` by element, all three broadcast. */
export function selectElements(type: TensorType, condition: TensorData, x: TensorData, y: TensorData): TensorData {
  const full = staticType(type);
  const out = allocate(full.dtype, countOf(full.shape));
  const [c, a, b, to] = [condition.data, x.data, y.data, out].map((d) => d as Float32Array) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const strides = [condition, x, y].map((t) => broadcastStrides(t.type.shape, full.shape));
  eachLine(full.shape, strides, (o, n, at, step) => {
    for (let k = 0; k < n; k++)
      to[o + k] = c[at[0]! + k * step[0]!] ? a[at[1]! + k * step[1]!]! : b[at[2]! + k * step[2]!]!;
  });
  return wrap(full, out);
}

const ranges: Readonly<Record<FusedActivation, readonly [number, number]>> = {
  NONE: [-Infinity, Infinity],
  RELU: [0, Infinity],
  RELU_N1_TO_1: [-1, 1],
  RELU6: [0, 6],
};

/** Clamps fresh elements in place, as kernels do to their result. NaN stays NaN. */
export function activate(x: TensorData, activation: FusedActivation): TensorData {
  if (activation === "NONE") return x;
  const [low, high] = ranges[activation];
  if (isBig(x.type.dtype)) {
    const data = x.data as BigInt64Array;
    for (let i = 0; i < data.length; i++)
      if (data[i]! < low) data[i] = BigInt(low);
      else if (data[i]! > high) data[i] = BigInt(high);
    return x;
  }
  const data = x.data as NumberCarrier;
  for (let i = 0; i < data.length; i++)
    if (data[i]! < low) data[i] = low;
    else if (data[i]! > high) data[i] = high;
  return x;
}

/** `type`, whose extents are all known. */
export const staticType = (type: TensorType): TensorData["type"] => {
  staticShape(type.shape);
  return type as TensorData["type"];
};

/** Elements as floats in double precision. */
export const doublesOf = (x: TensorData): Float64Array => Float64Array.from(numbersOf(x));
