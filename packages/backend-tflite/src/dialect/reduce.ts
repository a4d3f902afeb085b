import { attr, type OpDef, operand, type TensorType, withShape } from "@tflower/core";
import { axesOf, dropAxes } from "../semantics/axes.ts";
import type { EvaluateQuantized } from "../semantics/integer/quantized-kernel.ts";
import { meanCodes, sumCodes } from "../semantics/integer/reduce.ts";
import { type Reduction, reduceAxes, reductions } from "../semantics/reductions.ts";
import { defineTfl, type Permuted } from "./define-tfl.ts";

const attrs = { axes: attr.ints, keep_dims: attr.bool.default_(false) } as const;
const any = { input: operand.tensor } as const;
const bool = { input: operand.bool } as const;

/** Shape of a reduction's result. */
const reduced = (input: TensorType, axes: readonly number[], keep: boolean): TensorType => {
  const gone = axesOf(axes, input.shape.length);
  return withShape(
    input,
    keep ? input.shape.map((d, i) => (gone.includes(i) ? 1 : d)) : input.shape.filter((_, i) => !gone.includes(i)),
  );
};

function permuted(a: Readonly<Record<string, unknown>>, perm: readonly number[]): Permuted {
  const axes = axesOf(a["axes"] as readonly number[], perm.length);
  const moved = axes.map((i) => perm[i]!).sort((x, y) => x - y);
  return { attrs: { ...a, axes: moved }, perm: a["keep_dims"] ? perm : dropAxes(perm, axes) };
}

function reduction<const B extends string, const O extends typeof any | typeof bool>(
  builtin: B,
  summary: string,
  operands: O,
  rule: Reduction,
  evaluateQuantized?: EvaluateQuantized,
): OpDef<`tfl.${Lowercase<B>}`, O, typeof attrs> {
  return defineTfl(builtin, {
    summary,
    options: "ReducerOptions",
    operands: operands as typeof any,
    attrs,
    parameters: { axes: "list" },
    traits: { permuted },
    infer: ({ input }, { axes, keep_dims }) => reduced(input, axes, keep_dims),
    evaluate: ({ input }, { axes }, [type]) => reduceAxes(type!, input, axesOf(axes, input.type.shape.length), rule),
    ...(evaluateQuantized && { evaluateQuantized }),
  }) as unknown as OpDef<`tfl.${Lowercase<B>}`, O, typeof attrs>;
}

export const mean = reduction("MEAN", "Mean over axes.", any, reductions.mean, meanCodes);
export const sum = reduction("SUM", "Sum over axes.", any, reductions.sum, sumCodes);
export const reduceProd = reduction("REDUCE_PROD", "Product over axes.", any, reductions.product);
export const reduceMax = reduction(
  "REDUCE_MAX",
  "Largest element over axes; a NaN is forgotten unless it comes last.",
  any,
  reductions.max,
);
export const reduceMin = reduction(
  "REDUCE_MIN",
  "Smallest element over axes; a NaN is forgotten unless it comes last.",
  any,
  reductions.min,
);
export const reduceAny = reduction("REDUCE_ANY", "Whether one holds, over axes.", bool, reductions.any);
export const reduceAll = reduction("REDUCE_ALL", "Whether all hold, over axes.", bool, reductions.all);
