import { defineLowering, isStatic, reject } from "@tflower/core";
import * as aten from "../dialect/attention.ts";
import { attentionOf } from "../emit/attention.ts";
import { castTo } from "../emit/rearrange.ts";

const random = reject("drops out at random: export the model in evaluation mode, or pass dropout_p=0");
const unknownHeads = reject("needs a static number of heads to share key heads");

export const scaledDotProductAttention = defineLowering(aten.scaledDotProductAttention, (t, a, emit) => {
  if (a.dropout_p > 0) return random;
  if (a.enable_gqa && [t.query, t.key, t.value].some((v) => !isStatic(v.type.shape.at(-3)!))) return unknownHeads;
  return attentionOf(emit, t, a).out;
});

export const scaledDotProductAttentionMath = defineLowering(aten.scaledDotProductAttentionMath, (t, a, emit) => {
  if (a.dropout_p > 0 || t.dropout_mask) return random;
  if (a.enable_gqa && [t.query, t.key, t.value].some((v) => !isStatic(v.type.shape.at(-3)!))) return unknownHeads;
  const { out, weights } = attentionOf(emit, { ...t, attn_mask: t.attn_mask && castTo(emit, t.attn_mask, "f32") }, a);
  return [out, weights];
});

export const scaledDotProductFlashAttentionForCpu = defineLowering(
  aten.scaledDotProductFlashAttentionForCpu,
  (t, a, emit) => {
    if (a.dropout_p > 0) return random;
    const { out, logSumExp } = attentionOf(emit, t, { ...a, enable_gqa: false });
    return [out, logSumExp()];
  },
);
