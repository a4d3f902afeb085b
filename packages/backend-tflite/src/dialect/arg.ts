import { attr, type OpDef, operand, tensor } from "@tflower/core";
import { axisOf, dropAxes } from "../semantics/axes.ts";
import { argBest } from "../semantics/reductions.ts";
import { defineTfl } from "./define-tfl.ts";

const operands = { input: operand.tensor } as const;
const attrs = { axis: attr.int, output_type: attr.dtype.default_("i32") } as const;

function arg<const B extends string>(
  builtin: B,
  summary: string,
  options: string,
  better: (a: number, b: number) => boolean,
): OpDef<`tfl.${Lowercase<B>}`, typeof operands, typeof attrs> {
  return defineTfl(builtin, {
    summary,
    options,
    operands,
    attrs,
    parameters: { axis: "scalar" },
    traits: {
      permuted(a, perm) {
        const axis = axisOf(a["axis"] as number, perm.length);
        return { attrs: { ...a, axis: perm[axis] }, perm: dropAxes(perm, [axis]) };
      },
    },
    infer: ({ input }, { axis, output_type }) =>
      tensor(output_type, input.shape.toSpliced(axisOf(axis, input.shape.length), 1)),
    evaluate: ({ input }, { axis }, [type]) => argBest(type!, input, axisOf(axis, input.type.shape.length), better),
  });
}

export const argMax = arg(
  "ARG_MAX",
  "Where the largest element along an axis lies; of equal ones the first.",
  "ArgMaxOptions",
  (a, b) => a > b,
);
export const argMin = arg(
  "ARG_MIN",
  "Where the smallest element along an axis lies; of equal ones the first.",
  "ArgMinOptions",
  (a, b) => a < b,
);
