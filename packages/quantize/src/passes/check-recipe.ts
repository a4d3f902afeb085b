import { type Diagnostic, definePass, type Module, type Node, type PassContext } from "@tflower/core";
import { chooseIntegerNodes } from "../activations/choose-integer-nodes.ts";
import { whyFloat } from "../activations/why-float.ts";
import type { QuantizeCode } from "../codes.ts";
import { choiceFor, fits, type Recipe, type Rule } from "../recipe.ts";
import { showRule } from "../recipes.ts";
import { needsCalibration, type Scheme, schemes } from "../scheme.ts";
import { planWeights, weightsOf } from "../weights/plan-weights.ts";
import { schemeOf } from "./scheme-of.ts";

/**
 * Makes a pass that changes nothing, and says where a recipe asks for what is not to be had: rules that fit no op, ops asked for by name that
 * stay floats, and weights that are stored otherwise, with what happens instead.
 */
export const checkRecipe = (recipe: Recipe) =>
  definePass({
    name: "check-recipe",
    summary: "Says where a recipe asks for what is not to be had, and what happens instead.",
    scope: "module",
    run: (module, context) => checkAll(module, recipe, context),
  })();

function checkAll(module: Module, recipe: Recipe, context: PassContext): void {
  const nodes = module.graphs.flatMap((g) => [...g.nodes]);
  for (const d of unused(nodes, recipe)) context.report(d);
  for (const d of kept(module, nodes, recipe, context)) context.report(d);
  for (const d of storedOtherwise(nodes, recipe, context)) context.report(d);
}

function unused(nodes: readonly Node[], recipe: Recipe): readonly Diagnostic[] {
  return (recipe.rules ?? []).flatMap((rule, i): readonly Diagnostic[] => {
    if (nodes.some((n) => fits(rule, n))) return [];
    return [
      {
        severity: "warning",
        code: "QNT0004" satisfies QuantizeCode,
        message: `rules[${i}] of the recipe fits no op of the program: ${showRule(rule)}`,
        help: "tflower inspect shows the ops and their modules; a rule for a module names it from the program's root, as encoder.layers.0",
      },
    ];
  });
}

/** Names of ops that a rule spells out. */
const namedOps = (rule: Rule): readonly string[] =>
  rule.op === undefined ? [] : [rule.op].flat().filter((o) => !o.includes("*"));

function kept(
  module: Module,
  nodes: readonly Node[],
  recipe: Recipe,
  { compiler }: PassContext,
): readonly Diagnostic[] {
  const asked = nodes.filter((n) => {
    const rule = recipe.rules?.findLast((r) => fits(r, n));
    return rule && rule.scheme !== "float" && namedOps(rule).includes(n.op.name);
  });
  if (asked.length === 0) return [];
  const integers = new Set(module.graphs.flatMap((g) => [...chooseIntegerNodes(g, recipe, compiler).keys()]));
  const found = new Map<string, { readonly node: Node; readonly why: string; count: number; of: number }>();
  for (const node of asked) {
    const scheme = schemes[choiceFor(recipe, node) as Scheme["name"]];
    const why =
      whyFloat(node, scheme, compiler) ??
      (needsCalibration(scheme) && !integers.has(node)
        ? "what it reads, or most of what reads it, are floats"
        : undefined);
    const of = asked.filter((n) => n.op === node.op).length;
    if (why === undefined) continue;
    const key = `${node.op.name} ${scheme.name} ${why}`;
    const known = found.get(key);
    if (known) known.count++;
    else found.set(key, { node, why, count: 1, of });
  }
  return [...found.values()].map(({ node, why, count, of }) => {
    const location = node.locations[0];
    return {
      severity: "warning",
      code: "QNT0005" satisfies QuantizeCode,
      message: `${count === of ? "" : `${count} of ${of} `}${node.op.name} ${count > 1 ? "stay floats" : "stays float"}, though the recipe asks for ${choiceFor(recipe, node)}: ${why}`,
      op: node.op.name,
      subject: node.describe(),
      ...(location && { location }),
      help: "leave the rule out, or make it one for ops that the scheme can quantize",
    };
  });
}

/** What becomes of weights that no kernel takes as the recipe says. */
function storedOtherwise(nodes: readonly Node[], recipe: Recipe, { compiler }: PassContext): readonly Diagnostic[] {
  const found = new Map<string, { readonly node: Node; readonly scheme: Scheme; count: number }>();
  const stored = new Map<Scheme, number>();
  for (const node of nodes) {
    const weights = weightsOf(node);
    const scheme = weights && schemeOf(node, recipe, compiler);
    if (!scheme || scheme.weights.dtype === "f16" || needsCalibration(scheme)) continue;
    const plan = planWeights(weights, scheme, compiler);
    const { instead } = plan;
    if (instead === undefined) stored.set(scheme, (stored.get(scheme) ?? 0) + 1);
    else {
      const key = `${scheme.name} ${node.op.name} ${instead}`;
      const known = found.get(key);
      if (known) known.count++;
      else found.set(key, { node, scheme, count: 1 });
    }
  }
  return [...found].map(([key, { node, scheme, count }]) => {
    const location = node.locations[0];
    const instead = key.slice(`${scheme.name} ${node.op.name} `.length);
    // nothing at all is as the scheme says: that is not what somebody asked for
    const none = !stored.has(scheme) && scheme.weights.dtype === "i4";
    return {
      severity: none ? "warning" : "note",
      code: "QNT0002" satisfies QuantizeCode,
      message: `the weights of ${count > 1 ? `${count} ` : ""}${node.op.name} are not stored as ${scheme.name} says: ${instead}`,
      op: node.op.name,
      subject: node.describe(),
      ...(location && { location }),
      ...(none && { help: `no weights of the program are stored as ${scheme.name} says: choose another recipe` }),
    };
  });
}
