import {
  allocate,
  isFloat,
  type NumberCarrier,
  numbersOf,
  rowMajorStrides,
  type TensorData,
  type TensorType,
  wrap,
} from "@tflower/core";
import { roundHalfEven } from "../functions.ts";
import { clampCode, codeRange, gridOf } from "./codes.ts";
import { multiplierOf, roundAway, scaleTwice } from "./fixed-point.ts";
import type { EvaluateQuantized } from "./quantized-kernel.ts";

const codeTypes = new Set(["i8", "u8", "i16", "i32", "i4", "u4"] as const);
/** Types that the delegate quantizes to, which is what every default interpreter runs. */
const delegated = new Set<string>(["i8", "u8"]);

/**
 * QUANTIZE. Codes of one grid at another as the built-in kernel scales them. Floats to bytes as the delegate does, and PyTorch: times the
 * reciprocal of the scale, ties to even. Floats to others as the built-in kernel: divided, ties away from zero.
 */
export const quantizeCodes: EvaluateQuantized = ({ input }, _, [type]) => {
  const x = input as TensorData;
  if (!type?.quant || !codeTypes.has(type.dtype as never)) return undefined;
  return isFloat(x.type.dtype) ? fromReals(x, type) : fromCodes(x, type);
};

function fromCodes(x: TensorData, type: TensorType): TensorData | undefined {
  const [from, to] = [gridOf(x.type, codeTypes), gridOf(type, codeTypes)];
  if (!from || !to) return undefined;
  const m = multiplierOf(from.scale / to.scale);
  const out = allocate(to.dtype, x.data.length) as NumberCarrier;
  const codes = numbersOf(x);
  for (let i = 0; i < out.length; i++)
    out[i] = clampCode(scaleTwice(codes[i]! - from.zero, m) + to.zero, to.low, to.high);
  return wrap(type, out);
}

function fromReals(x: TensorData, type: TensorType): TensorData | undefined {
  const { scales, zeroPoints, axis, block } = type.quant!;
  if (block !== undefined) return undefined;
  const [low, high] = codeRange(type.dtype);
  const perChannel = axis !== undefined && scales.length > 1;
  const step = perChannel ? rowMajorStrides(x.type.shape)[axis]! : 1;
  const byReciprocal = delegated.has(type.dtype) && !perChannel;
  const factors = scales.map((s) => (byReciprocal ? Math.fround(1 / Math.fround(s)) : Math.fround(s)));
  const out = allocate(type.dtype, x.data.length) as NumberCarrier;
  const from = numbersOf(x);
  for (let i = 0; i < out.length; i++) {
    const k = perChannel ? Math.floor(i / step) % scales.length : 0;
    const v = from[i]!;
    const code = byReciprocal ? roundHalfEven(Math.fround(v * factors[k]!)) : roundAway(Math.fround(v / factors[k]!));
    // kernels turn NaN into whatever the machine makes of it; ours is the highest code
    out[i] = Number.isNaN(code) ? high : clampCode(code + (zeroPoints[k] ?? 0), low, high);
  }
  return wrap(type, out);
}
