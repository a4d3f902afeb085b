import { dataOf, defineRule, type Node, type OpDef, type Rule, type Value } from "@tflower/core";
import { conv2d, depthwiseConv2d } from "../dialect/convolution.ts";
import { mul } from "../dialect/elementwise-binary.ts";
import { relu } from "../dialect/elementwise-unary.ts";
import { fullyConnected } from "../dialect/matmul.ts";

const layers: readonly OpDef[] = [conv2d, depthwiseConv2d, fullyConnected];

/** Whether every element is known, above zero and finite. */
function isPositive(v: Value): boolean {
  const data = v.type.dtype === "f32" ? dataOf(v) : undefined;
  return data !== undefined && Array.from(data.data, Number).every((x) => x > 0 && x < Infinity);
}

/** A factor that cannot change a sign goes before the activation, where weights take it up. */
const scaleBeforeRelu = defineRule({
  name: "scale-before-relu",
  summary: "conv{RELU}(x) * c = relu(conv(x) * c) for c > 0",
  op: mul,
  rewrite(node, rewriter) {
    const { lhs, rhs } = node.operands;
    const [x, c] = rhs.constant ? [lhs, rhs] : [rhs, lhs];
    const inner = x.producer as Node | undefined;
    if (!inner || !layers.includes(inner.op) || !c.constant || !rewriter.graph.hasOneUse(x)) return false;
    const attrs = inner.attrs as Readonly<Record<string, unknown>>;
    const weights = (inner.operands_["filter"] ?? inner.operands_["weights"]) as Value | undefined;
    if (
      attrs["fused_activation_function"] !== "RELU" ||
      node.attrs.fused_activation_function !== "NONE" ||
      !weights?.constant
    )
      return false;
    // a factor per output channel, or one for all: anything else stays a product
    const wide = c.type.shape.findIndex((d) => d !== 1);
    if (c.type.shape.length > x.type.shape.length || (wide >= 0 && wide !== c.type.shape.length - 1)) return false;
    if (wide >= 0 && c.type.shape[wide] !== x.type.shape.at(-1)) return false;
    if (!isPositive(c)) return false;
    const place = { before: node as never, locations: inner.locations };
    const [linear] = rewriter.create(
      inner.op,
      inner.operands_ as never,
      { ...attrs, fused_activation_function: "NONE" },
      place,
    ).results;
    const scaled = rewriter.emit(
      mul,
      { lhs: linear!, rhs: c },
      { before: node as never, locations: node.locations },
      {},
    );
    rewriter.replace(node as never, [rewriter.emit(relu, { input: scaled }, place, {})]);
    return true;
  },
});

/** Rules that bring scales to where weights take them up. */
export const scaleRules: readonly Rule<any>[] = [scaleBeforeRelu];
