import { attr, operand } from "@tflower/core";
import { permutedBeforeLast } from "../semantics/axes.ts";
import { logSoftmaxCodes, softmaxCodes } from "../semantics/integer/softmax.ts";
import { mapRows } from "../semantics/rows.ts";
import { defineTfl } from "./define-tfl.ts";

/** Largest of a row; NaN where one is. */
const top = (row: Float64Array): number => row.reduce((m, v) => Math.max(m, v), -Infinity);

export const softmax = defineTfl("SOFTMAX", {
  summary: "`exp(beta * x)` over its sum along the last axis.",
  options: "SoftmaxOptions",
  operands: { input: operand.tensor },
  attrs: { beta: attr.float.default_(1) },
  traits: { permuted: permutedBeforeLast },
  infer: ({ input }) => input,
  evaluate: ({ input }, { beta }, [type]) =>
    mapRows(type!, input, (row) => {
      const most = top(row);
      const e = row.map((v) => Math.exp((v - most) * beta));
      const sum = e.reduce((a, b) => a + b, 0);
      return e.map((v) => v / sum);
    }),
  evaluateQuantized: softmaxCodes,
});

export const logSoftmax = defineTfl("LOG_SOFTMAX", {
  summary: "Logarithm of the softmax along the last axis.",
  options: "LogSoftmaxOptions",
  operands: { input: operand.tensor },
  traits: { permuted: permutedBeforeLast },
  infer: ({ input }) => input,
  evaluate: ({ input }, _, [type]) =>
    mapRows(type!, input, (row) => {
      const most = top(row);
      const log = Math.log(row.reduce((s, v) => s + Math.exp(v - most), 0));
      return row.map((v) => v - most - log);
    }),
  evaluateQuantized: logSoftmaxCodes,
});
