import { dtypes, isFloat, numbersOf, type TensorData, type TensorType, tensorData } from "@tflower/core";

/** Reals as the integers that an input takes. */
export function asCodes(t: TensorData, type: TensorType): TensorData {
  const { quant, dtype } = type;
  if (!quant || !isFloat(t.type.dtype)) return t;
  const [scale, zero] = [quant.scales[0]!, quant.zeroPoints[0] ?? 0];
  const { bits } = dtypes[dtype];
  const [low, high] = dtype.startsWith("u") ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
  const codes = Array.from(numbersOf(t), (x) => Math.max(low, Math.min(high, Math.round(x / scale) + zero)));
  return tensorData(dtype, t.type.shape, codes);
}
