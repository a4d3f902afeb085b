import { attr, type OpDef, operand, withShape } from "@tflower/core";
import { extentsOf } from "../semantics/axes.ts";
import { type Reduction, reductions } from "../semantics/reductions.ts";
import { foldSegments } from "../semantics/segments.ts";
import { defineTfl, runtimeI32 } from "./define-tfl.ts";

const ids = operand.dtype("i32");

export const segmentSum = defineTfl("SEGMENT_SUM", {
  summary:
    "Sums of neighbouring slices that share a segment; ids rise. How many there are depends on the data, so types are given.",
  options: "SegmentSumOptions",
  operands: { data: operand.tensor, segment_ids: operand.both(ids, operand.rank(1)) },
  evaluate({ data, segment_ids }, _, [type]) {
    const count = segment_ids.data.length === 0 ? 0 : Number(segment_ids.data.at(-1)) + 1;
    return foldSegments({ ...type!, shape: [count, ...extentsOf(data).slice(1)] }, data, segment_ids, reductions.sum);
  },
});

const operands = { data: operand.tensor, segment_ids: ids, num_segments: runtimeI32 } as const;
const attrs = { num_segments: attr.dim } as const;

function unsorted<const B extends string>(
  builtin: B,
  summary: string,
  options: string,
  rule: Reduction,
): OpDef<`tfl.${Lowercase<B>}`, typeof operands, typeof attrs> {
  return defineTfl(builtin, {
    summary,
    options,
    operands,
    attrs,
    parameters: { num_segments: "scalar" },
    traits: { allocatesResult: true },
    infer: ({ data, segment_ids }, { num_segments }) =>
      withShape(data, [num_segments, ...data.shape.slice(segment_ids.shape.length)]),
    evaluate: ({ data, segment_ids }, _, [type]) => foldSegments(type!, data, segment_ids, rule),
  });
}
export const unsortedSegmentSum = unsorted(
  "UNSORTED_SEGMENT_SUM",
  "Sums of slices that share a segment; negative ids are left out.",
  "UnsortedSegmentSumOptions",
  reductions.sum,
);
export const unsortedSegmentProd = unsorted(
  "UNSORTED_SEGMENT_PROD",
  "Products of slices that share a segment; negative ids are left out.",
  "UnsortedSegmentProdOptions",
  reductions.product,
);
export const unsortedSegmentMax = unsorted(
  "UNSORTED_SEGMENT_MAX",
  "Largest elements of slices that share a segment; empty ones get the lowest finite number.",
  "UnsortedSegmentMaxOptions",
  reductions.finiteMax,
);
export const unsortedSegmentMin = unsorted(
  "UNSORTED_SEGMENT_MIN",
  "Smallest elements of slices that share a segment; empty ones get the highest finite number.",
  "UnsortedSegmentMinOptions",
  reductions.finiteMin,
);
