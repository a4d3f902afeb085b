import { type OpDef, operand } from "@tflower/core";
import { broadcastPair } from "../semantics/broadcast.ts";
import { type Binary, mapBinary, mapUnary } from "../semantics/pointwise.ts";
import { defineTfl } from "./define-tfl.ts";

const pair = { lhs: operand.bool, rhs: operand.bool } as const;
const integers = { lhs: operand.integer, rhs: operand.integer } as const;

function logical<const B extends string>(
  builtin: B,
  summary: string,
  options: string,
  f: (a: number, b: number) => number,
): OpDef<`tfl.${Lowercase<B>}`, typeof pair, {}> {
  return defineTfl(builtin, {
    summary,
    options,
    operands: pair,
    traits: { elementwise: true, commutative: true },
    infer: broadcastPair,
    evaluate: ({ lhs, rhs }, _, [type]) => mapBinary(type!, lhs, rhs, { int: f }),
  });
}
export const logicalAnd = logical("LOGICAL_AND", "Whether both hold.", "LogicalAndOptions", (a, b) => a & b);
export const logicalOr = logical("LOGICAL_OR", "Whether one holds.", "LogicalOrOptions", (a, b) => a | b);

export const logicalNot = defineTfl("LOGICAL_NOT", {
  summary: "Whether it does not hold.",
  options: "LogicalNotOptions",
  operands: { input: operand.bool },
  traits: { elementwise: true },
  infer: ({ input }) => input,
  evaluate: ({ input }, _, [type]) => mapUnary(type!, input, { int: (x) => 1 - x }),
});

function bitwise<const B extends string>(
  builtin: B,
  summary: string,
  options: string,
  rule: Binary,
  commutative: boolean,
): OpDef<`tfl.${Lowercase<B>}`, typeof integers, {}> {
  return defineTfl(builtin, {
    summary,
    options,
    operands: integers,
    traits: { elementwise: true, ...(commutative && { commutative }) },
    infer: broadcastPair,
    evaluate: ({ lhs, rhs }, _, [type]) => mapBinary(type!, lhs, rhs, rule),
  });
}
export const bitwiseXor = bitwise(
  "BITWISE_XOR",
  "Exclusive or of bits.",
  "BitwiseXorOptions",
  { int: (a, b) => a ^ b, big: (a, b) => a ^ b },
  true,
);

export const rightShift = defineTfl("RIGHT_SHIFT", {
  summary: "Shift to the right, keeping the sign; counts are clamped to the width of the dtype.",
  options: "RightShiftOptions",
  operands: integers,
  traits: { elementwise: true },
  infer: broadcastPair,
  evaluate: ({ lhs, rhs }, _, [type]) => {
    const top = lhs.data.BYTES_PER_ELEMENT * 8 - 1;
    // unsigned 32-bit elements are above what JavaScript's signed shift takes
    const unsigned = lhs.type.dtype === "u32";
    return mapBinary(type!, lhs, rhs, {
      int: (a, b) => {
        const n = Math.min(top, Math.max(0, b));
        return unsigned ? a >>> n : a >> n;
      },
    });
  },
});
