import { attr, defineOp, operand } from "@tflower/core";
import { dequantizedBy, ofRows, ofTensor, quantizedBy, scalesOf } from "../semantics/affine-quantization.ts";

/**
 * Reals rounded to 256 steps of what they span when the program runs. Kernels with integer weights do so themselves: the op stands before
 * them until they take it up.
 */
export const roundDynamically = defineOp("quantized.round_dynamically", {
  summary: "Elements rounded to 8-bit integers at a scale found in them, and back.",
  operands: { x: operand.float },
  attrs: { per: attr.oneOf("tensor", "row"), symmetric: attr.bool.default_(false) },
  traits: { elementwise: true, quantizer: "dynamic" },
  infer: ({ x }) => x,
  evaluate({ x }, { per, symmetric }) {
    const g = per === "row" ? ofRows(x.type, {}, { shape: [...x.type.shape.slice(0, -1), 1] }) : ofTensor(x.type);
    const codes = [symmetric ? -127 : -128, 127] as const;
    const found = scalesOf(x, g, { symmetric, codes, least: 2 ** -126, middle: 0 });
    const parameters = { ...found, double: false };
    return dequantizedBy(quantizedBy(x, g, parameters, codes, "i8"), g, parameters, "f32");
  },
});
