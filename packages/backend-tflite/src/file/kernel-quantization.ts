import type { OpDescription, OperandDescription } from "./op-description.ts";

const QUANTIZABLE = new Set(["i8", "u8", "i16", "i4", "u4", "i2"]);
/** Whether a tensor stands for reals. Wider integers that carry a scale are accumulators. */
export const isQuantized = (tensor: OperandDescription): boolean =>
  tensor.quantization !== undefined && QUANTIZABLE.has(tensor.dtype);

/** Results of these have one quantization: scale, then zero point by element type. */
export const FIXED_RANGE: Readonly<
  Record<string, Readonly<Record<string, readonly [scale: number, zeroPoint: number]>>>
> = {
  SOFTMAX: { i8: [1 / 256, -128], u8: [1 / 256, 0], i16: [1 / 32768, 0] },
  LOG_SOFTMAX: { i8: [16 / 256, 127], u8: [16 / 256, 255] },
  LOGISTIC: { i8: [1 / 256, -128], u8: [1 / 256, 0], i16: [1 / 32768, 0] },
  TANH: { i8: [1 / 128, 0], u8: [1 / 128, 128], i16: [1 / 32768, 0] },
  L2_NORMALIZATION: { i8: [1 / 128, 0], u8: [1 / 128, 128] },
};
/** Builtins whose signed weights must be symmetric, and where those are. */
const WEIGHTS: Readonly<Record<string, number>> = {
  CONV_2D: 1,
  DEPTHWISE_CONV_2D: 1,
  TRANSPOSE_CONV: 1,
  FULLY_CONNECTED: 1,
};

/** What the quantization of `op` has that its kernel does not take. `keepsScale`: the kernel moves stored values. */
export function checkQuantization(op: OpDescription, keepsScale: boolean): string | undefined {
  const tensors = [...op.operands, ...op.results].filter((tensor) => tensor !== undefined).filter(isQuantized);
  const zeroPoints = (tensor: OperandDescription): number[] => (tensor.quantization?.zeroPoint ?? []).map(Number);
  if (tensors.some((tensor) => tensor.dtype === "i16" && zeroPoints(tensor).some((zero) => zero !== 0))) {
    return `${op.builtin}: int16 tensors must have zero point 0`;
  }
  const weights = op.operands[WEIGHTS[op.builtin] ?? -1];
  if (weights && weights.dtype !== "u8" && zeroPoints(weights).some((zero) => zero !== 0))
    return `the weights of ${op.builtin} must have zero point 0`;
  if (op.builtin === "DIV" && tensors.length > 0)
    return "the integer kernel of DIV shifts by too much where a quotient rounds to zero, and gives anything there; divide floats";
  const [x, y] = op.operands;
  // it finds the scales of rows with one batch axis only
  if (op.builtin === "BATCH_MATMUL" && x?.dtype === "f32" && y?.dtype === "i8" && batchAxes(x.shape) > 1)
    return "the kernel of BATCH_MATMUL on floats and int8 mixes up the scales of rows where more than one batch axis is not 1";
  const [result] = op.results;
  const sums = (op.builtin === "ADD" || op.builtin === "SUB") && result?.dtype === "i16" && isQuantized(result);
  if (sums && op.options?.["pot_scale_int16"] !== false && tensors.every(hasPowerOfTwo))
    return `${op.builtin} on int16 takes scales that are powers of two by shifts, and refuses most of them, unless pot_scale_int16 is false`;
  const fixed = result?.quantization && FIXED_RANGE[op.builtin]?.[result.dtype];
  if (fixed) {
    const [scale, zero] = [result.quantization!.scale[0] ?? 0, zeroPoints(result)[0] ?? 0];
    if (Math.abs(scale - fixed[0]) > 1e-3 * fixed[0] || zero !== fixed[1]) {
      return `the result of ${op.builtin} must have scale ${fixed[0]} and zero point ${fixed[1]}, not ${scale} and ${zero}`;
    }
  }
  const wantsBiasType = ["CONV_2D", "TRANSPOSE_CONV"].includes(op.builtin) && result?.dtype === "i16";
  const bias = op.operands[op.builtin === "TRANSPOSE_CONV" ? 3 : 2];
  if (wantsBiasType && bias?.dtype === "i32" && op.options?.["quantized_bias_type"] !== "INT32") {
    return `${op.builtin} on int16 with an int32 bias needs quantized_bias_type INT32`;
  }
  if (keepsScale) {
    const [one, ...others] = tensors;
    const text = (tensor: OperandDescription) =>
      `${tensor.quantization!.scale.join(" ")} zero ${zeroPoints(tensor).join(" ")}`;
    const different = others.find((other) => one!.dtype === other.dtype && text(one!) !== text(other));
    if (different)
      return `${op.builtin} moves stored values: its tensors must be quantized alike, not ${text(one!)} and ${text(different)}`;
  }
  return undefined;
}

const batchAxes = (shape: readonly number[]): number => shape.slice(0, -2).filter((d) => d !== 1).length;
const hasPowerOfTwo = (tensor: OperandDescription): boolean =>
  tensor.quantization!.scale.every((s) => Number.isInteger(Math.log2(s)));
