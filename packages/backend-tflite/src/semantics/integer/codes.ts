import { type DType, dtypeInfo, numbersOf, type TensorData, type TensorType, tensor, wrap } from "@tflower/core";
import type { FusedActivation } from "../../dialect/define-tfl.ts";
import { roundAway } from "./fixed-point.ts";

/** Scale and zero point of a tensor that has one of each, as the file holds them. */
export interface Grid {
  readonly dtype: DType;
  readonly scale: number;
  readonly zero: number;
  readonly low: number;
  readonly high: number;
}

const gridTypes: ReadonlySet<DType> = new Set(["i8", "u8", "i16"]);

/** The grid of an activation; `undefined` where the tensor has none that kernels compute on. */
export function gridOf(t: TensorType | undefined, types: ReadonlySet<DType> = gridTypes): Grid | undefined {
  const q = t?.quant;
  if (!t || !q || !types.has(t.dtype) || q.scales.length !== 1 || q.block !== undefined) return undefined;
  const [low, high] = codeRange(t.dtype);
  return { dtype: t.dtype, scale: Math.fround(q.scales[0]!), zero: q.zeroPoints[0] ?? 0, low, high };
}

/** Least and largest integer of a dtype. */
export function codeRange(dtype: DType): readonly [low: number, high: number] {
  const { bits, kind } = dtypeInfo(dtype);
  return kind === "uint" ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
}

const ends: Readonly<Record<FusedActivation, readonly [low: number | undefined, high: number | undefined]>> = {
  NONE: [undefined, undefined],
  RELU: [0, undefined],
  RELU_N1_TO_1: [-1, 1],
  RELU6: [0, 6],
};

/** The codes that a fused activation leaves. */
export function activatedRange(g: Grid, activation: FusedActivation): readonly [low: number, high: number] {
  const code = (v: number): number => g.zero + roundAway(Math.fround(v / g.scale));
  const [low, high] = ends[activation];
  return [
    low === undefined ? g.low : Math.max(g.low, code(low)),
    high === undefined ? g.high : Math.min(g.high, code(high)),
  ];
}

/** `max` first: where bounds cross, kernels give the upper one. */
export const clampCode = (x: number, low: number, high: number): number => Math.min(Math.max(x, low), high);

/** The codes as 32-bit integers with the zero point taken off. */
export function offsetCodes(x: TensorData, zero: number): TensorData {
  return wrap(
    tensor("i32", x.type.shape),
    Int32Array.from(numbersOf(x), (v) => v - zero),
  );
}

/** The codes as plain integers of their carrier, without what they stand for. */
export const bareCodes = (x: TensorData): TensorData => wrap(tensor(x.type.dtype, x.type.shape), x.data);
