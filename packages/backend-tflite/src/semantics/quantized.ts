import {
  allocate,
  countOf,
  dtypeInfo,
  mapOperands,
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

/** Which scale belongs to element `i` of a tensor of this shape. */
function scaleIndex(q: Quantization, shape: readonly number[]): (i: number) => number {
  if (q.block !== undefined) {
    const block = q.block;
    return (i) => Math.floor(i / block);
  }
  if (q.axis === undefined || q.scales.length === 1) return () => 0;
  const step = rowMajorStrides(shape)[q.axis]!;
  const extent = shape[q.axis]!;
  return (i) => Math.floor(i / step) % extent;
}

/** The real numbers that quantized elements stand for. */
export function dequantized(x: TensorData): TensorData {
  const { quant, shape } = x.type;
  if (!quant) return x;
  const from = numbersOf(x);
  const out = new Float32Array(from.length);
  const at = scaleIndex(quant, shape);
  for (let i = 0; i < out.length; i++) {
    const k = at(i);
    out[i] = quant.scales[k]! * (from[i]! - (quant.zeroPoints[k] ?? 0));
  }
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
  const at = scaleIndex(quant, shape);
  for (let i = 0; i < out.length; i++) {
    const k = at(i);
    const q = roundHalfEven(from[i]! / quant.scales[k]!) + (quant.zeroPoints[k] ?? 0);
    const clamped = Number.isNaN(q) ? high : Math.min(high, Math.max(low, q));
    out[i] = (typeof out[i] === "bigint" ? BigInt(clamped) : clamped) as never;
  }
  return wrap(type, out);
}

const showQuant = (t: TensorType): string => JSON.stringify(t.quant ?? null);

type Evaluate = (inputs: never, attrs: never, types: readonly TensorType[]) => TensorData | readonly TensorData[];

/**
 * Lets reference semantics written for real numbers serve quantized tensors: operands are dequantized before, results quantized
 * after. An op that only moves elements sees the stored integers, unless a result's scales differ from its operands'.
 */
export function onReals<E extends Evaluate>(evaluate: E, movesElements: boolean): E {
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
    const reals = types.map((t) => (t.quant ? tensor("f32", t.shape) : t));
    const out = run(mapOperands(inputs, dequantized), attrs, reals);
    const results = Array.isArray(out) ? (out as readonly TensorData[]) : [out as TensorData];
    return results.map((r, i) => quantized(r, types[i]!));
  }) as unknown as E;
}
