import { attr, type Dim, invalid, operand, showDim, tensor, tensorData, withShape } from "@tflower/core";
import { permutedBeforeLast, showShape } from "../semantics/axes.ts";
import { topK } from "../semantics/sorting.ts";
import { defineTfl, runtimeI32 } from "./define-tfl.ts";

export const topkV2 = defineTfl("TOPK_V2", {
  summary:
    "The `k` largest elements along the last axis in falling order, and where they were; of equal ones the earlier comes first.",
  options: "TopKV2Options",
  operands: { input: operand.tensor, k: runtimeI32 },
  attrs: { k: attr.dim },
  parameters: { k: "scalar" },
  traits: { permuted: permutedBeforeLast },
  infer({ input }, { k }) {
    const n = input.shape.at(-1);
    if (n === undefined || (typeof n === "number" && typeof k === "number" && k > n))
      invalid(`takes the ${showDim(k)} largest elements of ${showShape(input.shape)}`);
    const shape: Dim[] = [...input.shape.slice(0, -1), k];
    return [withShape(input, shape), tensor("i32", shape)];
  },
  evaluate: ({ input }, { k }, types) => topK(input, k as number, types),
});

export const unique = defineTfl("UNIQUE", {
  summary:
    "The different elements of a list in order of first appearance, and for each element which of them it is. Types are given.",
  options: "UniqueOptions",
  operands: { input: operand.rank(1) },
  attrs: { idx_out_type: attr.dtype.default_("i32") },
  evaluate({ input }, { idx_out_type }) {
    const seen = new Map<number | bigint, number>();
    const index = Array.from(input.data, (v: number | bigint) => {
      if (!seen.has(v)) seen.set(v, seen.size);
      return seen.get(v)!;
    });
    return [
      tensorData(input.type.dtype, [seen.size], [...seen.keys()]),
      tensorData(idx_out_type, [index.length], index),
    ];
  },
});
