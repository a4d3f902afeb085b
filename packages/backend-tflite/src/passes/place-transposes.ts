import { applyRules, definePass, defineRule, type Node, type Rule, type Value } from "@tflower/core";
import { transpose } from "../dialect/layout.ts";
import { pad } from "../dialect/pad.ts";
import { cleanUpRules } from "./clean-up.ts";

/** A pad between a transpose and a convolution is part of the convolution for a delegate; before the transpose it is a copy. */
const hoistAbovePad = defineRule({
  name: "hoist-transpose-above-pad",
  summary: "transpose(pad(x)) = pad'(transpose(x))",
  op: transpose,
  rewrite(node, rewriter) {
    const p = node.operands.input.producer as Node<typeof pad> | undefined;
    if (!p?.is(pad) || p.operands.paddings || !rewriter.graph.hasOneUse(p.result)) return false;
    const place = { before: node as never, locations: node.locations };
    const moved = rewriter.emit(transpose, { input: p.operands.input as Value }, place, { perm: node.attrs.perm });
    const paddings = node.attrs.perm.flatMap((axis) => [p.attrs.paddings[2 * axis]!, p.attrs.paddings[2 * axis + 1]!]);
    rewriter.replace(node as never, [
      rewriter.emit(pad, { input: moved }, { before: node as never, locations: p.locations }, { paddings }),
    ]);
    return true;
  },
});

const rules: readonly Rule<any>[] = [hoistAbovePad, ...cleanUpRules];

/** Puts the transposes that are left where they cost least. Runs when nothing moves them any more. */
export const placeTransposes = definePass({
  name: "place-transposes",
  summary: "Moves transposes that are left to where they cost least.",
  scope: "graph",
  run: (graph, { count }) => void applyRules(graph, rules, count),
});
