import { invalid, isFloat, operand, showType, tensor } from "@tflower/core";
import { cast } from "../semantics/cast.ts";
import { quantizeCodes } from "../semantics/integer/requantize.ts";
import { defineTfl } from "./define-tfl.ts";

export const quantize = defineTfl("QUANTIZE", {
  summary: "Real numbers, or quantized ones, at the scales of the result's type, which is given.",
  options: "QuantizeOptions",
  operands: { input: operand.tensor },
  traits: { elementwise: true, quantizer: "quantize" },
  verify: ({ input }) =>
    isFloat(input.dtype) || input.quant ? undefined : `takes floats or quantized integers, got ${showType(input)}`,
  // the wrapper of all reference semantics reads and writes quantized elements
  evaluate: ({ input }) => input,
  evaluateQuantized: quantizeCodes,
});

export const dequantize = defineTfl("DEQUANTIZE", {
  summary: "The real numbers that quantized integers, or 16-bit floats, stand for.",
  options: "DequantizeOptions",
  operands: { input: operand.tensor },
  traits: { elementwise: true, quantizer: "dequantize" },
  infer: ({ input }) =>
    isFloat(input.dtype) || input.quant
      ? tensor("f32", input.shape)
      : invalid(`takes quantized integers or 16-bit floats, got ${showType(input)}`),
  evaluate: ({ input }) => cast(input, "f32"),
});
