import { operand, tensor } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { attend, attentionShapes, rounded } from "../semantics/attention.ts";
import { castData } from "../semantics/pointwise.ts";

const operands = { query: operand.float, key: operand.float, value: operand.float } as const;

export const scaledDotProductAttention = defineAten(
  "scaled_dot_product_attention(Tensor query, Tensor key, Tensor value, Tensor? attn_mask=None, float dropout_p=0., bool is_causal=False, *, float? scale=None, bool enable_gqa=False) -> Tensor",
  {
    summary:
      "Softmax of scaled products of queries and keys, as weights of values. A query that may look at nothing gets zeros.",
    operands,
    infer: (t, { enable_gqa }) => tensor(t.query.dtype, attentionShapes(t, enable_gqa).out),
    evaluate: (t, a, [type]) => rounded(attend(t, a).out, type!),
  },
);

export const scaledDotProductAttentionMath = defineAten(
  "_scaled_dot_product_attention_math(Tensor query, Tensor key, Tensor value, Tensor? attn_mask=None, float dropout_p=0., bool is_causal=False, Tensor? dropout_mask=None, *, float? scale=None, bool enable_gqa=False) -> (Tensor, Tensor)",
  {
    summary: "`scaled_dot_product_attention` that also gives the weights.",
    operands,
    infer(t, { enable_gqa }) {
      const { out, weights } = attentionShapes(t, enable_gqa);
      return [tensor(t.query.dtype, out), tensor(t.query.dtype, weights)];
    },
    evaluate(t, a, [type, weightsType]) {
      // called by its name it adds a mask of bools like any other
      const { out, weights } = attend({ ...t, attn_mask: t.attn_mask && castData(t.attn_mask, "f32") }, a);
      return [rounded(out, type!), rounded(weights, weightsType!)];
    },
  },
);

export const scaledDotProductFlashAttentionForCpu = defineAten(
  "_scaled_dot_product_flash_attention_for_cpu(Tensor query, Tensor key, Tensor value, float dropout_p=0., bool is_causal=False, *, Tensor? attn_mask=None, float? scale=None) -> (Tensor output, Tensor logsumexp)",
  {
    summary: "`scaled_dot_product_attention` that also gives the logarithm of the softmax's sums.",
    operands,
    infer(t) {
      const { out, weights } = attentionShapes(t, false);
      const sums = tensor(t.query.dtype === "f64" ? "f64" : "f32", weights.slice(0, -1));
      return [tensor(t.query.dtype, out), sums];
    },
    evaluate(t, { is_causal, scale }, [type, sumsType]) {
      const { out, logSumExp } = attend(t, { is_causal, scale, enable_gqa: false });
      return [rounded(out, type!), rounded(logSumExp, sumsType!)];
    },
  },
);
