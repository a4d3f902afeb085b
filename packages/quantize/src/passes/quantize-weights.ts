import { type Compiler, definePass, type Graph, type PassContext, Rewriter, type Value } from "@tflower/core";
import { type Quantizers, quantizersOf } from "../quantizers.ts";
import type { Recipe } from "../recipe.ts";
import type { Scheme } from "../scheme.ts";
import { isWidenedHalf } from "../weights/half-ops.ts";
import { halveWeights } from "../weights/halve-weights.ts";
import { isStoredAs, planWeights, typeOfWeights, type Weights, weightsOf } from "../weights/plan-weights.ts";
import { integersOf, quantizedConstant, readIntegers, readUnpacked } from "../weights/store-weights.ts";
import { schemeOf } from "./scheme-of.ts";

/** Makes a pass that stores weights as `recipe` says, where activations stay floats. */
export const quantizeWeights = (recipe: Recipe) =>
  definePass({
    name: "quantize-weights",
    summary: "Stores weights in fewer bits, as the recipe says and kernels can take them.",
    scope: "graph",
    run: (graph, context) => storeAll(graph, recipe, context),
  })();

async function storeAll(graph: Graph, recipe: Recipe, { compiler, count, report }: PassContext): Promise<void> {
  const quantizers = quantizersOf(compiler);
  const rewriter = new Rewriter(graph);
  const unpacked = new Map<string, Value>();
  for (const node of [...graph.nodes]) {
    const weights = weightsOf(node);
    const scheme = weights && schemeOf(node, recipe, compiler);
    // whoever rounded them to halves found those worth their bytes
    if (!scheme || isWidenedHalf(weights.constant)) continue;
    const problem =
      scheme.weights.dtype === "f16"
        ? await halveWeights(rewriter, weights)
        : await storeOne(rewriter, quantizers, weights, scheme, compiler, unpacked, count);
    if (problem !== undefined) {
      const location = node.locations[0];
      report({
        severity: "note",
        code: "QNT0002",
        message: `the weights "${weights.operand}" of ${node.op.name} stay floats: ${problem}`,
        op: node.op.name,
        subject: node.describe(),
        ...(location && { location }),
      });
    }
  }
}

const eightBits = { dtype: "i8", granularity: "channel" } as const;

async function storeOne(
  rewriter: Rewriter,
  quantizers: Quantizers,
  weights: Weights,
  scheme: Scheme,
  compiler: Compiler,
  unpacked: Map<string, Value>,
  count: (what: string) => void,
): Promise<string | undefined> {
  const plan = planWeights(weights, scheme, compiler);
  let integers = integersOf(weights.constant);
  if (integers && plan.scheme.dtype === "i4" && isStoredAs(integers.type, eightBits)) {
    // whoever rounded them found 8 bits worth it
    if (weights.node.op.traits.weights!.dynamic.includes("i8")) {
      readIntegers(rewriter, weights.node, weights.operand, integers);
      count("i8 integers");
      return undefined;
    }
  }
  if (!integers || !isStoredAs(integers.type, plan.scheme)) {
    const type = await typeOfWeights(weights, plan.scheme);
    if (typeof type === "string") return type;
    integers = quantizedConstant(quantizers, weights.constant, type);
  }
  if (plan.reads === "integers") readIntegers(rewriter, weights.node, weights.operand, integers);
  else readUnpacked(rewriter, quantizers, weights.node, weights.operand, integers, unpacked);
  count(`${plan.form} ${plan.reads}`);
  return undefined;
}
