import { defineOp, operand, showType, tensor, wrap } from "@tflower/core";

/** Signed 16-bit integers as unsigned ones that stand for the same numbers: everything is 32768 higher. */
export const toUnsigned16 = defineOp("qnn.to_unsigned16", {
  summary: "Signed 16-bit integers, 32768 higher.",
  operands: { input: operand.dtype("i16") },
  traits: { elementwise: true },
  infer: ({ input }) => tensor("u16", input.shape),
  evaluate: ({ input }, _, [type]) =>
    wrap(
      type!,
      Uint16Array.from(input.data as Int16Array, (v) => v + 32768),
    ),
});

/** 64-bit integers in 32 bits. Throws where one does not fit. */
export const narrowToInt32 = defineOp("qnn.narrow_to_int32", {
  summary: "64-bit integers in 32 bits, all of which must fit.",
  operands: { input: operand.dtype("i64") },
  traits: { elementwise: true },
  infer: ({ input }) => tensor("i32", input.shape),
  evaluate({ input }, _, [type]) {
    const wide = input.data as BigInt64Array;
    const off = wide.findIndex((v) => BigInt.asIntN(32, v) !== v);
    if (off >= 0)
      throw new RangeError(
        `element ${off} of a bias is ${wide[off]}, which does not fit the 32 bits that the HTP has: ${showType(input.type).slice(0, 80)}`,
      );
    return wrap(type!, Int32Array.from(wide, Number));
  },
});
