import {
  allocate,
  countOf,
  dtypeInfo,
  isBig,
  mapOperands,
  type NumberCarrier,
  numbersOf,
  type Quantization,
  rowMajorStrides,
  staticShape,
  type TensorData,
  type TensorType,
  tensor,
  wrap,
} from "@tflower/core";
import { roundHalfEven } from "./functions.ts";
import type { AnyEvaluate, EvaluateQuantized } from "./integer/quantized-kernel.ts";

/** Shows runs of neighbouring elements that have one scale: its index, and where the run begins and ends. */
function eachRun(q: Quantization, shape: readonly number[], show: (k: number, from: number, to: number) => void): void {
  const count = countOf(shape);
  const perAxis = q.block === undefined && q.axis !== undefined && q.scales.length > 1;
  const inner = perAxis ? rowMajorStrides(shape)[q.axis!]! : (q.block ?? count);
  const scales = perAxis ? shape[q.axis!]! : q.scales.length;
  for (let from = 0, k = 0; from < count; from += inner, k = k + 1 === scales ? 0 : k + 1)
    show(k, from, Math.min(from + inner, count));
}

/** The real numbers that quantized elements stand for. */
export function dequantized(x: TensorData): TensorData {
  const { quant, shape } = x.type;
  if (!quant) return x;
  const from = numbersOf(x);
  const out = new Float32Array(from.length);
  eachRun(quant, shape, (k, start, end) => {
    const [scale, zero] = [quant.scales[k]!, quant.zeroPoints[k] ?? 0];
    for (let i = start; i < end; i++) out[i] = scale * (from[i]! - zero);
  });
  return wrap(tensor("f32", shape), out);
}

/** Real numbers as elements of the quantized `type`: rounded to the nearest, ties to even, clamped to what its dtype holds; NaN is the highest. */
export function quantized(x: TensorData, type: TensorType): TensorData {
  const { quant, dtype } = type;
  if (!quant) return x;
  const shape = staticShape(type.shape);
  const { bits, kind } = dtypeInfo(dtype);
  const low = kind === "uint" ? 0 : -(2 ** (bits - 1));
  const high = kind === "uint" ? 2 ** bits - 1 : 2 ** (bits - 1) - 1;
  const from = numbersOf(x);
  const out = allocate(dtype, countOf(shape));
  const big = isBig(dtype);
  eachRun(quant, shape, (k, start, end) => {
    const [scale, zero] = [quant.scales[k]!, quant.zeroPoints[k] ?? 0];
    if (big)
      for (let i = start; i < end; i++)
        (out as BigInt64Array)[i] = BigInt(Math.min(high, Math.max(low, roundHalfEven(from[i]! / scale) + zero)) || 0);
    else roundRun(from, out as NumberCarrier, start, end, scale, zero, low, high);
  });
  return wrap(type, out);
}

/** Adding and taking away this rounds a double to an integer, ties to even. */
const rounder = 1.5 * 2 ** 52;

/** The inner loop, on its own so that it is compiled for the arrays at hand: weights of gigabytes pass through it. */
function roundRun(
  from: ArrayLike<number>,
  out: NumberCarrier,
  start: number,
  end: number,
  scale: number,
  zero: number,
  low: number,
  high: number,
): void {
  // beyond these all is clamped; within, rounding by addition is exact
  const [least, most] = [low - zero - 1, high - zero + 1];
  for (let i = start; i < end; i++) {
    const x = from[i]! / scale;
    // what is no number is the highest
    const inside = !(x < most) ? most : Math.max(x, least);
    out[i] = Math.min(high, Math.max(low, inside + rounder - rounder + zero));
  }
}

const showQuant = (t: TensorType): string => JSON.stringify(t.quant ?? null);

type Evaluate = (inputs: never, attrs: never, types: readonly TensorType[]) => TensorData | readonly TensorData[];

/**
 * Lets reference semantics written for real numbers serve quantized tensors: operands are dequantized before, results quantized
 * after. An op that only moves elements sees the stored integers, unless a result's scales differ from its operands'. Where `exact` has
 * a result, that is what the runtime's integer kernel gives, and it counts.
 */
export function onReals<E extends Evaluate>(evaluate: E, movesElements: boolean, exact?: EvaluateQuantized): E {
  return ((inputs: Readonly<Record<string, TensorData>>, attrs: never, types: readonly TensorType[]) => {
    const run = evaluate as unknown as (
      i: unknown,
      a: never,
      t: readonly TensorType[],
    ) => TensorData | readonly TensorData[];
    const all = Object.values(inputs).flatMap((v) => v ?? []) as readonly TensorData[];
    if (![...all.map((x) => x.type), ...types].some((t) => t.quant)) return run(inputs, attrs, types);
    const first = all[0]?.type;
    if (movesElements && first && types.every((t) => showQuant(t) === showQuant(first)))
      return run(inputs, attrs, types);
    const integers = exact?.(inputs, attrs, types, evaluate as unknown as AnyEvaluate);
    if (integers) return integers;
    const reals = types.map((t) => (t.quant ? tensor("f32", t.shape) : t));
    const out = run(mapOperands(inputs, dequantized), attrs, reals);
    const results = Array.isArray(out) ? (out as readonly TensorData[]) : [out as TensorData];
    return results.map((r, i) => quantized(r, types[i]!));
  }) as unknown as E;
}
