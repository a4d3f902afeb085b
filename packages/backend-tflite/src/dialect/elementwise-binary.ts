import { attr, type OpDef, operand } from "@tflower/core";
import { broadcastPair } from "../semantics/broadcast.ts";
import { roundToGrid } from "../semantics/grid.ts";
import { addCodes, multiplyCodes, squaredDifferenceCodes, subtractCodes } from "../semantics/integer/pairs.ts";
import type { EvaluateQuantized } from "../semantics/integer/quantized-kernel.ts";
import * as int from "../semantics/integers.ts";
import { activate, type Binary, mapBinary, mapUnary } from "../semantics/pointwise.ts";
import { defineTfl, fusedActivation, type TflInfo } from "./define-tfl.ts";

const operands = { lhs: operand.tensor, rhs: operand.tensor } as const;

type BinaryOp<B extends string, A extends {} = {}> = OpDef<`tfl.${Lowercase<B>}`, typeof operands, A>;
type Activated = { readonly fused_activation_function: typeof fusedActivation };

function binary<const B extends string>(
  builtin: B,
  summary: string,
  rule: Binary,
  options?: {
    readonly table?: string;
    readonly commutative?: boolean;
    readonly ordinaryOnly?: boolean;
    readonly quantized?: EvaluateQuantized;
  },
): BinaryOp<B> {
  return defineTfl(builtin, {
    summary,
    ...(options?.table !== undefined && { options: options.table }),
    operands,
    traits: {
      elementwise: true,
      ...(options?.commutative && { commutative: true }),
      ...(options?.ordinaryOnly && { ordinaryOnly: true }),
    },
    infer: broadcastPair,
    evaluate: ({ lhs, rhs }, _, [type]) => mapBinary(type!, lhs, rhs, rule),
    ...(options?.quantized && { evaluateQuantized: options.quantized }),
  });
}

function activated<const B extends string>(
  builtin: B,
  summary: string,
  options: string,
  rule: Binary,
  commutative = false,
  evaluateQuantized?: EvaluateQuantized,
  derived?: TflInfo["derived"],
): BinaryOp<B, Activated> {
  return defineTfl(builtin, {
    summary,
    options,
    operands,
    attrs: { fused_activation_function: fusedActivation },
    traits: {
      elementwise: true,
      ...(commutative && { commutative }),
      ...(rule === int.product && { multiplies: true }),
    },
    infer: broadcastPair,
    evaluate: ({ lhs, rhs }, { fused_activation_function }, [type]) =>
      activate(mapBinary(type!, lhs, rhs, rule), fused_activation_function),
    ...(evaluateQuantized && { evaluateQuantized }),
    ...(derived && { derived }),
  });
}

/** 16-bit sums at any scales: unless told so, kernels take those at powers of two by shifts, and refuse most of them. */
const anyScales: NonNullable<TflInfo["derived"]> = ({ results }) =>
  results[0]?.dtype === "i16" && results[0].quant ? { pot_scale_int16: false } : {};

export const add = activated("ADD", "Sum by element.", "AddOptions", int.sum, true, addCodes, anyScales);
export const sub = activated(
  "SUB",
  "Difference by element.",
  "SubOptions",
  int.difference,
  false,
  subtractCodes,
  anyScales,
);
export const mul = activated("MUL", "Product by element.", "MulOptions", int.product, true, multiplyCodes);
export const div = activated(
  "DIV",
  "Quotient by element; integers round towards zero, and a zero divisor is an error.",
  "DivOptions",
  {
    float: (a, b) => a / b,
    int: int.truncatedQuotient,
  },
);

export const floorDiv = binary(
  "FLOOR_DIV",
  "Quotient rounded towards minus infinity; a zero divisor is an error, also among floats.",
  {
    float: (a, b) => (b === 0 ? int.zeroDivisor() : Math.floor(a / b)),
    int: int.floorQuotient,
  },
  { table: "FloorDivOptions" },
);

export const floorMod = binary(
  "FLOOR_MOD",
  "Remainder with the sign of the divisor.",
  {
    float: int.floorRemainderFloat,
    int: int.floorRemainder,
    big: int.floorRemainderBig,
  },
  { table: "FloorModOptions" },
);

export const maximum = binary("MAXIMUM", "The larger element; NaN only where `rhs` is NaN.", int.larger, {
  table: "MaximumMinimumOptions",
  commutative: true,
});
export const minimum = binary("MINIMUM", "The smaller element; NaN only where `rhs` is NaN.", int.smaller, {
  table: "MaximumMinimumOptions",
  commutative: true,
});

export const pow = binary(
  "POW",
  "Power by element; integer exponents below zero are an error.",
  { float: int.powFloat, int: int.powInt },
  { table: "PowOptions", ordinaryOnly: true },
);

export const squaredDifference = binary(
  "SQUARED_DIFFERENCE",
  "Square of the difference.",
  {
    float: (a, b) => {
      const d = Math.fround(a - b);
      return d * d;
    },
    int: (a, b) => Math.imul(a - b, a - b),
  },
  { table: "SquaredDifferenceOptions", commutative: true, quantized: squaredDifferenceCodes },
);

export const atan2 = defineTfl("ATAN2", {
  summary: "Angle of the point (`x`, `y`); both of one shape.",
  options: "ATan2Options",
  operands: { y: operand.float, x: operand.float },
  traits: { elementwise: true, oneShape: true },
  infer: ({ y, x }) => broadcastPair({ lhs: y, rhs: x }),
  evaluate: ({ y, x }, _, [type]) => mapBinary(type!, y, x, { float: Math.atan2 }),
});

export const addN = defineTfl("ADD_N", {
  summary: "Sum of tensors of one shape.",
  options: "AddNOptions",
  operands: { inputs: operand.variadic(operand.dtype("f32", "i32")) },
  traits: { elementwise: true, oneShape: true },
  infer: ({ inputs }) => inputs.reduce((lhs, rhs) => broadcastPair({ lhs, rhs })),
  evaluate: ({ inputs }, _, [type]) => inputs.reduce((a, b) => mapBinary(type!, a, b, int.sum)),
});

export const fakeQuant = defineTfl("FAKE_QUANT", {
  summary: "Rounds floats to what `num_bits` integers between `min` and `max` can stand for.",
  options: "FakeQuantOptions",
  operands: { input: operand.float },
  attrs: { min: attr.float, max: attr.float, num_bits: attr.int.default_(8), narrow_range: attr.bool.default_(false) },
  traits: { elementwise: true },
  infer: ({ input }) => input,
  evaluate: ({ input }, a, [type]) =>
    mapUnary(type!, input, { float: roundToGrid(a.min, a.max, a.narrow_range ? 1 : 0, 2 ** a.num_bits - 1) }),
});
