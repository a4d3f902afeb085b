import { invalid, isStatic, type OpDef, operand, showType } from "@tflower/core";
import { broadcastPair } from "../semantics/broadcast.ts";
import * as int from "../semantics/integers.ts";
import { type Binary, mapBinary } from "../semantics/pointwise.ts";
import { defineTfl } from "./define-tfl.ts";

const operands = { lhs: operand.tensor, rhs: operand.tensor } as const;

/** These kernels do not broadcast. */
function stablehlo<const B extends string>(
  builtin: B,
  summary: string,
  rule: Binary,
  options?: string,
  commutative = true,
): OpDef<`tfl.${Lowercase<B>}`, typeof operands, {}> {
  return defineTfl(builtin, {
    summary,
    ...(options !== undefined && { options }),
    operands,
    traits: { elementwise: true, oneShape: true, ...(commutative && { commutative }) },
    infer: ({ lhs, rhs }) =>
      // symbolic extents that differ are taken as equal, as in broadcasting
      lhs.shape.length === rhs.shape.length &&
      lhs.shape.every((d, i) => d === rhs.shape[i] || !isStatic(d) || !isStatic(rhs.shape[i]!))
        ? broadcastPair({ lhs, rhs })
        : invalid(`takes operands of one shape, got ${showType(lhs)} and ${showType(rhs)}`),
    evaluate: ({ lhs, rhs }, _, [type]) => mapBinary(type!, lhs, rhs, rule),
  });
}

export const stablehloAdd = stablehlo("STABLEHLO_ADD", "Sum by element.", int.sum);
export const stablehloMultiply = stablehlo("STABLEHLO_MULTIPLY", "Product by element.", int.product);
export const stablehloMaximum = stablehlo("STABLEHLO_MAXIMUM", "The larger element.", int.larger);
export const stablehloMinimum = stablehlo("STABLEHLO_MINIMUM", "The smaller element.", int.smaller);
export const stablehloAnd = stablehlo("STABLEHLO_AND", "And of bits.", { int: (a, b) => a & b, big: (a, b) => a & b });
export const stablehloShiftLeft = stablehlo(
  "STABLEHLO_SHIFT_LEFT",
  "Shift to the left.",
  { int: (a, b) => a << b },
  "StablehloShiftLeftOptions",
  false,
);
