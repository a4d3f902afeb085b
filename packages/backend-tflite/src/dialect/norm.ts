import { attr, operand } from "@tflower/core";
import { permutedBeforeLast } from "../semantics/axes.ts";
import { l2NormalizationCodes } from "../semantics/integer/roots.ts";
import { mapRows } from "../semantics/rows.ts";
import { defineTfl } from "./define-tfl.ts";

export const l2Normalization = defineTfl("L2_NORMALIZATION", {
  summary: "Rows along the last axis over their length, which counts as 1e-6 at least.",
  options: "L2NormOptions",
  operands: { input: operand.tensor },
  // the kernel refuses any other activation
  attrs: { fused_activation_function: attr.oneOf("NONE").default_("NONE") },
  traits: { permuted: permutedBeforeLast },
  infer: ({ input }) => input,
  evaluate: ({ input }, _, [type]) =>
    mapRows(type!, input, (row) => {
      const length = Math.max(Math.sqrt(row.reduce((s, v) => s + v * v, 0)), 1e-6);
      return row.map((v) => v / length);
    }),
  evaluateQuantized: l2NormalizationCodes,
});

export const localResponseNormalization = defineTfl("LOCAL_RESPONSE_NORMALIZATION", {
  summary: "`x / (bias + alpha * s) ** beta`, `s` the sum of squares of the channels within `radius`.",
  options: "LocalResponseNormalizationOptions",
  operands: { input: operand.rank(4) },
  attrs: { radius: attr.int, bias: attr.float, alpha: attr.float, beta: attr.float },
  traits: { permuted: permutedBeforeLast },
  infer: ({ input }) => input,
  evaluate: ({ input }, { radius, bias, alpha, beta }, [type]) =>
    mapRows(type!, input, (row) =>
      row.map((v, i) => {
        let sum = 0;
        for (let k = Math.max(0, i - radius); k <= Math.min(row.length - 1, i + radius); k++) sum += row[k]! * row[k]!;
        return v * (bias + alpha * sum) ** -beta;
      }),
    ),
});
