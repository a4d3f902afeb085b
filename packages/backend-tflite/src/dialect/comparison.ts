import { type OpDef, operand, withDType } from "@tflower/core";
import { broadcastPair } from "../semantics/broadcast.ts";
import { compareCodes } from "../semantics/integer/compare.ts";
import { mapPairs } from "../semantics/pointwise.ts";
import { defineTfl } from "./define-tfl.ts";

const operands = { lhs: operand.tensor, rhs: operand.tensor } as const;

/** `holds` sees numbers or, for 64-bit integers, bigints: both compare alike. */
function comparison<const B extends string>(
  builtin: B,
  summary: string,
  options: string,
  holds: (a: number, b: number) => boolean,
  commutative = false,
): OpDef<`tfl.${Lowercase<B>}`, typeof operands, {}> {
  return defineTfl(builtin, {
    summary,
    options,
    operands,
    traits: { elementwise: true, resultDType: "bool", ...(commutative && { commutative }) },
    infer: (types) => withDType(broadcastPair(types), "bool"),
    evaluate: ({ lhs, rhs }, _, [type]) => mapPairs(type!, lhs, rhs, (a, b) => (holds(a, b) ? 1 : 0)),
    evaluateQuantized: compareCodes(holds),
  });
}

export const equal = comparison("EQUAL", "Whether elements are equal.", "EqualOptions", (a, b) => a === b, true);
export const notEqual = comparison("NOT_EQUAL", "Whether elements differ.", "NotEqualOptions", (a, b) => a !== b, true);
export const less = comparison("LESS", "Whether `lhs < rhs`.", "LessOptions", (a, b) => a < b);
export const lessEqual = comparison("LESS_EQUAL", "Whether `lhs <= rhs`.", "LessEqualOptions", (a, b) => a <= b);
export const greater = comparison("GREATER", "Whether `lhs > rhs`.", "GreaterOptions", (a, b) => a > b);
export const greaterEqual = comparison(
  "GREATER_EQUAL",
  "Whether `lhs >= rhs`.",
  "GreaterEqualOptions",
  (a, b) => a >= b,
);
