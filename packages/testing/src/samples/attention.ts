import type { OpDef } from "@tflower/core";
import { aten } from "@tflower/ops-aten";
import type { Draft, Sample, Slot } from "../application/sample.ts";
import { slot } from "../application/sample.ts";
import type { Choose } from "../choose/choose.ts";

/** Queries, keys and values of lengths that differ, with a mask of one kind or another. */
function drawAttention(choose: Choose, op: OpDef): Draft {
  const [batch, heads, from, to, depth, width] = [
    choose.between(1, 2),
    choose.between(1, 3),
    choose.between(1, 5),
    choose.between(1, 5),
    choose.between(1, 4),
    choose.between(1, 4),
  ] as const;
  const lead = [batch, heads];
  const finite = { values: "finite", constant: false } as const;
  const flash = op === aten.scaledDotProductFlashAttentionForCpu;
  const is_causal = choose.maybe(0.3);
  const mask = is_causal || !choose.maybe(0.5) ? undefined : drawMask(choose, [from, to], !flash);
  const scale = choose.maybe(0.3) ? { scale: choose.pick([1, 0.25]) } : {};
  const operands: Record<string, Slot | undefined> = {
    query: slot("f32", [...lead, from, depth], finite),
    key: slot("f32", [...lead, to, depth], finite),
    value: slot("f32", [...lead, to, flash ? depth : width], finite),
    attn_mask: mask,
  };
  return { operands, attrs: { is_causal, ...scale } };
}
const drawMask = (choose: Choose, shape: readonly number[], bool: boolean): Slot =>
  bool && choose.maybe(0.5) ? slot("bool", shape) : slot("f32", shape, { values: "finite" });

/** Attention. */
export const attentionSamples: readonly Sample[] = [
  aten.scaledDotProductAttention,
  aten.scaledDotProductAttentionMath,
  aten.scaledDotProductFlashAttentionForCpu,
].map((op) => ({
  op,
  draw: drawAttention,
}));
