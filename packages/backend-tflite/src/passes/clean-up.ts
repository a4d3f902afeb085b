import { defineRule, defineRulesPass, type Rule } from "@tflower/core";
import { reshape, transpose } from "../dialect/layout.ts";

const isIdentity = (perm: readonly number[]): boolean => perm.every((p, i) => p === i);

/** Rules that only remove: no form gets slower by them. */
export const cleanUpRules: readonly Rule<any>[] = [
  defineRule({
    name: "drop-identity-transpose",
    summary: "transpose(x, [0, 1, ...]) = x",
    op: transpose,
    rewrite(node, rewriter) {
      if (!isIdentity(node.attrs.perm)) return false;
      rewriter.replace(node as never, [node.operands.input]);
      return true;
    },
  }),
  defineRule({
    name: "merge-transposes",
    summary: "transpose(transpose(x, p), q) = transpose(x, q of p)",
    op: transpose,
    rewrite(node, rewriter) {
      const inner = node.operands.input.producer;
      if (!inner?.is(transpose)) return false;
      const perm = node.attrs.perm.map((p) => inner.attrs.perm[p]!);
      const v = rewriter.emit(
        transpose,
        { input: inner.operands.input },
        { before: node as never, locations: node.locations },
        { perm },
      );
      rewriter.replace(node as never, [v]);
      // a dead reader would count where others weigh what a transpose costs
      rewriter.eraseDead([inner.result]);
      return true;
    },
  }),
  defineRule({
    name: "merge-reshapes",
    summary: "reshape(reshape(x)) = reshape(x)",
    op: reshape,
    rewrite(node, rewriter) {
      const inner = node.operands.input.producer;
      if (!inner?.is(reshape)) return false;
      rewriter.setOperands(node as never, { ...node.operands, input: inner.operands.input });
      rewriter.eraseDead([inner.result]);
      return true;
    },
  }),
  defineRule({
    name: "drop-identity-reshape",
    summary: "reshape(x, shape of x) = x",
    op: reshape,
    rewrite(node, rewriter) {
      const { input } = node.operands;
      const same =
        input.type.shape.length === node.attrs.shape.length &&
        input.type.shape.every(
          (d, i) =>
            d === node.attrs.shape[i] ||
            (typeof d !== "number" &&
              typeof node.attrs.shape[i] !== "number" &&
              d.key === (node.attrs.shape[i] as { key: string }).key),
        );
      if (!same) return false;
      rewriter.replace(node as never, [input]);
      return true;
    },
  }),
];

/** Applies {@link cleanUpRules}. */
export const cleanUp = defineRulesPass({
  name: "clean-up",
  summary: "Removes transposes and reshapes that cancel or do nothing.",
  rules: [cleanUpRules],
});
