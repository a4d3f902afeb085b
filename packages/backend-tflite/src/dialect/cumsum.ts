import { attr, operand } from "@tflower/core";
import { axisOf, permutedAlong } from "../semantics/axes.ts";
import { cumulate } from "../semantics/reductions.ts";
import { defineTfl } from "./define-tfl.ts";

export const cumsum = defineTfl("CUMSUM", {
  summary: "Running sums along an axis.",
  options: "CumsumOptions",
  operands: { input: operand.tensor },
  attrs: { axis: attr.int, exclusive: attr.bool.default_(false), reverse: attr.bool.default_(false) },
  parameters: { axis: "scalar" },
  traits: { permuted: (attrs, perm) => permutedAlong(attrs, perm) },
  infer({ input }, { axis }) {
    axisOf(axis, input.shape.length);
    return input;
  },
  evaluate: ({ input }, { axis, exclusive, reverse }, [type]) =>
    cumulate(type!, input, axisOf(axis, input.type.shape.length), exclusive, reverse),
});
