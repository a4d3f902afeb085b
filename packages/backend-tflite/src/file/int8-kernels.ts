import type { QuantizationTraits } from "@tflower/core";
import { kernelFacts } from "./generated/kernel-facts.ts";
import { FIXED_RANGE } from "./kernel-quantization.ts";

const named = (names: string, how: NonNullable<QuantizationTraits["int8Kernel"]>) =>
  names.split(" ").map((name) => [name, how] as const);

/**
 * How the stock runtime computes on 8-bit integers, measured on `[1,56,56,32]`: whether the delegate takes the integer op, and else whether
 * DEQUANTIZE, the op and QUANTIZE become one look-up (22 to 27 us for any function, where integer kernels take 44 to 6000 us).
 */
const int8Kernels: Readonly<Record<string, QuantizationTraits["int8Kernel"]>> = Object.fromEntries([
  ...named(
    "ADD SUB MUL CONCATENATION CONV_2D DEPTHWISE_CONV_2D FULLY_CONNECTED TRANSPOSE_CONV DEPTH_TO_SPACE SPACE_TO_DEPTH " +
      "ELU LEAKY_RELU LOGISTIC TANH MAX_POOL_2D MEAN SUM PAD REDUCE_MAX REDUCE_MIN RESHAPE EXPAND_DIMS SQUEEZE RESIZE_BILINEAR " +
      // not taken by the delegate in either form, and twice as fast on integers
      "RESIZE_NEAREST_NEIGHBOR SLICE SPLIT STRIDED_SLICE TRANSPOSE",
    "native",
  ),
  ...named("ABS CEIL COS EXP FLOOR GELU HARD_SWISH LOG NEG RELU RELU6 RELU_N1_TO_1 ROUND RSQRT SIN SQRT SQUARE", "lut"),
  ...named("AVERAGE_POOL_2D BATCH_MATMUL MAXIMUM MINIMUM SQUARED_DIFFERENCE SOFTMAX LOG_SOFTMAX PRELU", "slow"),
]);

/** What is known of a builtin's kernels that quantization asks for. */
export const quantizationTraits = (builtin: string): QuantizationTraits => {
  const kernel = int8Kernels[builtin];
  const fixed = FIXED_RANGE[builtin];
  return {
    ...(kernel && { int8Kernel: kernel }),
    ...(fixed && { fixedOutputRange: fixed }),
    ...(kernelFacts[builtin as keyof typeof kernelFacts]?.keepsScale && { sameScales: true }),
  };
};
