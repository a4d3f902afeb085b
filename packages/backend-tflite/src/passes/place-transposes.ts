import { defineRule, defineRulesPass, type Node, type Rule, type Value } from "@tflower/core";
import { transpose } from "../dialect/layout.ts";
import { mirrorPad, pad } from "../dialect/pad.ts";
import { cleanUpRules } from "./clean-up.ts";
import { optimizeLayout } from "./optimize-layout.ts";

/** A pad between a transpose and a convolution is part of the convolution for a delegate; before the transpose it is a copy. */
const hoistAbovePad = (op: typeof pad | typeof mirrorPad): Rule<any> =>
  defineRule({
    name: `hoist-transpose-above-${op.name.slice(4).replaceAll("_", "-")}`,
    summary: `transpose(${op.name.slice(4)}(x)) = ${op.name.slice(4)}'(transpose(x))`,
    op: transpose,
    rewrite(node, rewriter) {
      const p = node.operands.input.producer as Node<typeof pad> | undefined;
      if (!p?.is(op as typeof pad) || p.operands.paddings || !rewriter.graph.hasOneUse(p.result)) return false;
      const place = { before: node as never, locations: node.locations };
      const { perm } = node.attrs;
      const moved = rewriter.emit(transpose, { input: p.operands.input as Value }, place, { perm });
      const paddings = perm.flatMap((axis) => [p.attrs.paddings[2 * axis]!, p.attrs.paddings[2 * axis + 1]!]);
      const at = { before: node as never, locations: p.locations };
      rewriter.replace(node as never, [
        rewriter.create(op as typeof pad, { input: moved }, { ...p.attrs, paddings }, at).result,
      ]);
      return true;
    },
  });

const rules: readonly Rule<any>[] = [hoistAbovePad(pad), hoistAbovePad(mirrorPad), ...cleanUpRules];

/** Puts the transposes that are left where they cost least. Runs when nothing moves them any more. */
export const placeTransposes = defineRulesPass({
  name: "place-transposes",
  summary: "Moves transposes that are left to where they cost least.",
  after: [optimizeLayout],
  rules: [rules],
});
