import { attr, operand, tensor } from "@tflower/core";
import { suppress } from "../semantics/suppressing.ts";
import { defineTfl, runtimeI32 } from "./define-tfl.ts";

const f32 = (rank: number) => operand.both(operand.dtype("f32"), operand.rank(rank));
const operands = { boxes: f32(2), scores: f32(1), max_output_size: runtimeI32 } as const;
const attrs = { max_output_size: attr.dim, iou_threshold: attr.float, score_threshold: attr.float } as const;

export const nonMaxSuppressionV4 = defineTfl("NON_MAX_SUPPRESSION_V4", {
  summary:
    "Indices of the best boxes `[y1, x1, y2, x2]` that overlap no better one by a threshold or more, padded with zeros, and how many there are.",
  options: "NonMaxSuppressionV4Options",
  operands,
  attrs,
  parameters: { max_output_size: "scalar", iou_threshold: "f32 scalar", score_threshold: "f32 scalar" },
  infer: (_, { max_output_size }) => [tensor("i32", [max_output_size]), tensor("i32", [])],
  evaluate({ boxes, scores }, a) {
    const [indices, , count] = suppress(boxes, scores, {
      ...a,
      max_output_size: a.max_output_size as number,
      soft_nms_sigma: 0,
    });
    return [indices, count];
  },
});

export const nonMaxSuppressionV5 = defineTfl("NON_MAX_SUPPRESSION_V5", {
  summary: "As tfl.non_max_suppression_v4, with scores that fall with the overlap, which it gives as well.",
  options: "NonMaxSuppressionV5Options",
  operands,
  attrs: { ...attrs, soft_nms_sigma: attr.float.default_(0) },
  parameters: {
    max_output_size: "scalar",
    iou_threshold: "f32 scalar",
    score_threshold: "f32 scalar",
    soft_nms_sigma: "f32 scalar",
  },
  infer: (_, { max_output_size }) => [
    tensor("i32", [max_output_size]),
    tensor("f32", [max_output_size]),
    tensor("i32", []),
  ],
  evaluate: ({ boxes, scores }, a) => suppress(boxes, scores, { ...a, max_output_size: a.max_output_size as number }),
});
