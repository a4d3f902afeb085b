import { attr, broadcastShapes, type OpDef, operand, type Traits, withShape } from "@tflower/core";
import * as f from "../semantics/functions.ts";
import { hardSwishCodes } from "../semantics/integer/hard-swish.ts";
import type { EvaluateQuantized } from "../semantics/integer/quantized-kernel.ts";
import { absCodes, clippedCodes, leakyReluCodes, preluCodes } from "../semantics/integer/rectifiers.ts";
import { rsqrtCodes, sqrtCodes } from "../semantics/integer/roots.ts";
import { logisticCodes, tanhCodes } from "../semantics/integer/sigmoid.ts";
import { eluCodes, expCodes, geluCodes, logCodes } from "../semantics/integer/tables.ts";
import { mapBinary, mapUnary, type Unary } from "../semantics/pointwise.ts";
import { defineTfl } from "./define-tfl.ts";

const operands = { input: operand.tensor } as const;

function unary<const B extends string>(
  builtin: B,
  summary: string,
  rule: Unary,
  options?: string,
  traits: Traits = {},
  evaluateQuantized?: EvaluateQuantized,
): OpDef<`tfl.${Lowercase<B>}`, typeof operands, {}> {
  return defineTfl(builtin, {
    summary,
    ...(options !== undefined && { options }),
    operands,
    traits: { elementwise: true, ...traits },
    infer: ({ input }) => input,
    evaluate: ({ input }, _, [type]) => mapUnary(type!, input, rule),
    ...(evaluateQuantized && { evaluateQuantized }),
  });
}

export const abs = unary(
  "ABS",
  "Absolute value.",
  { float: Math.abs, int: Math.abs, big: (x) => (x < 0n ? -x : x) },
  "AbsOptions",
  {},
  absCodes,
);
export const neg = unary("NEG", "Negation.", { float: (x) => -x, int: (x) => -x, big: (x) => -x }, "NegOptions");
export const sign = unary(
  "SIGN",
  "-1, 0 or 1; NaN stays NaN.",
  { float: (x) => (x > 0 ? 1 : x < 0 ? -1 : Number.isNaN(x) ? x : 0), int: Math.sign },
  "SignOptions",
);
export const ceil = unary("CEIL", "Next integer above.", { float: Math.ceil });
export const floor = unary("FLOOR", "Next integer below.", { float: Math.floor });
export const round = unary("ROUND", "Nearest integer, ties to even.", { float: f.roundHalfEven });
export const exp = unary(
  "EXP",
  "Exponential function.",
  { float: Math.exp },
  "ExpOptions",
  { ordinaryOnly: true },
  expCodes,
);
export const log = unary("LOG", "Natural logarithm.", { float: Math.log }, undefined, { ordinaryOnly: true }, logCodes);
export const sin = unary("SIN", "Sine.", { float: Math.sin });
export const cos = unary("COS", "Cosine.", { float: Math.cos }, "CosOptions");
export const sqrt = unary("SQRT", "Square root.", { float: Math.sqrt }, undefined, {}, sqrtCodes);
export const rsqrt = unary(
  "RSQRT",
  "One over the square root.",
  { float: (x) => 1 / Math.sqrt(x) },
  undefined,
  { ordinaryOnly: true },
  rsqrtCodes,
);
export const square = unary("SQUARE", "Product with itself.", { float: (x) => x * x }, "SquareOptions");
export const logistic = unary("LOGISTIC", "`1 / (1 + exp(-x))`.", { float: f.sigmoid }, undefined, {}, logisticCodes);
export const tanh = unary("TANH", "Hyperbolic tangent.", { float: Math.tanh }, undefined, {}, tanhCodes);
export const relu = unary(
  "RELU",
  "`max(x, 0)`.",
  { float: (x) => f.clamp(x, 0, Infinity) },
  undefined,
  { clamps: [0, Infinity] },
  clippedCodes(0, Infinity),
);
export const relu6 = unary(
  "RELU6",
  "`min(max(x, 0), 6)`.",
  { float: (x) => f.clamp(x, 0, 6) },
  undefined,
  { clamps: [0, 6] },
  clippedCodes(0, 6),
);
export const reluN1To1 = unary(
  "RELU_N1_TO_1",
  "`min(max(x, -1), 1)`.",
  { float: (x) => f.clamp(x, -1, 1) },
  undefined,
  { clamps: [-1, 1] },
  clippedCodes(-1, 1),
);
export const relu0To1 = unary(
  "RELU_0_TO_1",
  "`min(max(x, 0), 1)`.",
  { float: (x) => f.clamp(x, 0, 1) },
  undefined,
  {},
  clippedCodes(0, 1),
);
export const elu = unary(
  "ELU",
  "`x` above zero, `exp(x) - 1` below.",
  { float: (x) => (x < 0 ? Math.expm1(x) : x) },
  undefined,
  {},
  eluCodes,
);
export const hardSwish = unary(
  "HARD_SWISH",
  "`x * relu6(x + 3) / 6`.",
  { float: (x) => (x * f.clamp(x + 3, 0, 6)) / 6 },
  "HardSwishOptions",
  {},
  hardSwishCodes,
);

export const leakyRelu = defineTfl("LEAKY_RELU", {
  summary: "`x` above zero, `alpha * x` below.",
  options: "LeakyReluOptions",
  operands,
  attrs: { alpha: attr.float },
  traits: { elementwise: true },
  infer: ({ input }) => input,
  evaluate: ({ input }, { alpha }, [type]) => {
    const slope = Math.fround(alpha);
    return mapUnary(type!, input, { float: (x) => (x > 0 ? x : x * slope) });
  },
  evaluateQuantized: leakyReluCodes,
});

export const prelu = defineTfl("PRELU", {
  summary: "`x` above zero, `alpha * x` below; `alpha` broadcasts.",
  operands: { input: operand.tensor, alpha: operand.tensor },
  traits: { elementwise: true },
  infer: ({ input, alpha }) => withShape(input, broadcastShapes(input.shape, alpha.shape)),
  evaluate: ({ input, alpha }, _, [type]) => mapBinary(type!, input, alpha, { float: (x, a) => (x >= 0 ? x : x * a) }),
  evaluateQuantized: preluCodes,
});

export const gelu = defineTfl("GELU", {
  summary: "Gaussian error linear unit `x * Phi(x)`, or its approximation by tanh.",
  options: "GeluOptions",
  operands,
  attrs: { approximate: attr.bool.default_(false) },
  traits: { elementwise: true },
  infer: ({ input }) => input,
  evaluate: ({ input }, { approximate }, [type]) =>
    mapUnary(type!, input, { float: approximate ? f.geluTanh : f.gelu }),
  evaluateQuantized: geluCodes,
});
