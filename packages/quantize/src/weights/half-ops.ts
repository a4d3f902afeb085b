import { type Constant, defineOp, numbersOf, type OpDef, operand, roundF16, tensor, wrap } from "@tflower/core";

/** Constants are computed with it; no node is of it. */
export const half = defineOp("quantize.half", {
  summary: "The nearest float16 number, ties to even.",
  operands: { x: operand.float },
  traits: { elementwise: true },
  infer: ({ x }) => tensor("f16", x.shape),
  evaluate: ({ x }, _, [type]) => wrap(type!, Float32Array.from(numbersOf(x), roundF16)),
});

/** Whether `c` is a constant of float16 numbers that was rounded to them here. */
export const isWidenedHalf = (c: Constant): boolean => c.kind === "applied" && c.op === (widen as OpDef);

/** The way back, which loses nothing. */
export const widen = defineOp("quantize.widen", {
  summary: "float16 numbers as float32.",
  operands: { x: operand.dtype("f16") },
  traits: { elementwise: true, converts: true },
  infer: ({ x }) => tensor("f32", x.shape),
  evaluate: ({ x }, _, [type]) => wrap(type!, Float32Array.from(numbersOf(x))),
});
