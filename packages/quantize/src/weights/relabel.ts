import { defineOp, operand, wrap } from "@tflower/core";

/** The same integers at other scales, and in another shape. Constants are computed with it; no node is of it. */
export const relabel = defineOp("quantize.relabel", {
  summary: "Stored integers as those of another quantized type, which is given.",
  operands: { x: operand.tensor },
  evaluate: ({ x }, _, [type]) => wrap(type!, x.data),
});
