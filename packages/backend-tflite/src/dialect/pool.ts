import { attr, type Dim, type OpDef, operand, withShape } from "@tflower/core";
import { averagePoolCodes, maxPoolCodes } from "../semantics/integer/pool.ts";
import type { EvaluateQuantized } from "../semantics/integer/quantized-kernel.ts";
import { activate, staticType } from "../semantics/pointwise.ts";
import { type PoolRule, poolRules, poolWindows } from "../semantics/pooling.ts";
import { windowExtent } from "../semantics/window.ts";
import { defineTfl, fusedActivation } from "./define-tfl.ts";

const operands = { input: operand.rank(4) } as const;
const attrs = {
  padding: attr.oneOf("SAME", "VALID").default_("VALID"),
  stride_w: attr.int.default_(1),
  stride_h: attr.int.default_(1),
  filter_width: attr.int,
  filter_height: attr.int,
  fused_activation_function: fusedActivation,
} as const;

function pool<const B extends string>(
  builtin: B,
  summary: string,
  rule: PoolRule,
  evaluateQuantized?: EvaluateQuantized,
  selects = false,
): OpDef<`tfl.${Lowercase<B>}`, typeof operands, typeof attrs> {
  return defineTfl(builtin, {
    summary,
    options: "Pool2DOptions",
    traits: { ordinaryOnly: true, ...(selects && { selects }) },
    operands,
    attrs,
    infer({ input }, a) {
      const [n, h, w, c] = input.shape as [Dim, Dim, Dim, Dim];
      return withShape(input, [
        n,
        windowExtent(h, a.filter_height, a.stride_h, 1, a.padding),
        windowExtent(w, a.filter_width, a.stride_w, 1, a.padding),
        c,
      ]);
    },
    evaluate: ({ input }, a, [type]) =>
      activate(poolWindows(staticType(type!), input, a, rule), a.fused_activation_function),
    ...(evaluateQuantized && { evaluateQuantized }),
  });
}

export const averagePool2d = pool(
  "AVERAGE_POOL_2D",
  "Mean over windows of an NHWC image; padding does not count.",
  poolRules.average,
  averagePoolCodes,
);
export const maxPool2d = pool(
  "MAX_POOL_2D",
  "Largest element over windows of an NHWC image; NaN is left out.",
  poolRules.max,
  maxPoolCodes,
  true,
);
export const l2Pool2d = pool(
  "L2_POOL_2D",
  "Root of the mean of squares over windows of an NHWC image; padding does not count.",
  poolRules.l2,
);
