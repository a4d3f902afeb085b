import { defineRule, type Node, type OpDef, type Rewriter, type Rule, type Value } from "@tflower/core";
import { conv2d, depthwiseConv2d, transposeConv } from "../dialect/convolution.ts";
import { add, mul } from "../dialect/elementwise-binary.ts";

const convolutions: readonly OpDef[] = [conv2d, depthwiseConv2d, transposeConv];

/** Whether `v` is a convolution with constant weights, or a sum of such, that nothing else reads. */
function isSum(v: Value, rewriter: Rewriter): boolean {
  const node = v.producer;
  if (!node || !rewriter.graph.hasOneUse(v) || v.type.dtype !== "f32") return false;
  if ((node.attrs as { fused_activation_function?: string }).fused_activation_function !== "NONE") return false;
  const operands = node.operands_ as Readonly<Record<string, Value | undefined>>;
  if (node.is(add))
    return isTerm(operands["lhs"]!, operands["rhs"]!, rewriter) && isTerm(operands["rhs"]!, operands["lhs"]!, rewriter);
  const weights = operands["filter"] ?? operands["weights"];
  const { bias } = operands;
  return convolutions.includes(node.op) && weights?.constant !== undefined && (!bias || bias.constant !== undefined);
}
const isTerm = (v: Value, other: Value, rewriter: Rewriter): boolean =>
  isSum(v, rewriter) && v.type.shape.every((d, i) => d === other.type.shape[i]);

/** The two terms of a sum of convolutions and the constant per channel that `node` combines it with. */
function parts(
  node: Node<typeof add> | Node<typeof mul>,
  rewriter: Rewriter,
): { readonly sum: Node<typeof add>; readonly lhs: Value; readonly rhs: Value; readonly c: Value } | undefined {
  const operands = node.operands as { lhs: Value; rhs: Value };
  const [x, c] = operands.rhs.constant ? [operands.lhs, operands.rhs] : [operands.rhs, operands.lhs];
  const sum = x.producer as Node<typeof add> | undefined;
  if (!sum?.is(add) || !c.constant || !isSum(x, rewriter)) return undefined;
  const rank = c.type.shape.length;
  if (rank > x.type.shape.length || c.type.shape.some((d, i) => d !== 1 && i !== rank - 1)) return undefined;
  if (rank > 0 && c.type.shape[rank - 1] !== 1 && c.type.shape[rank - 1] !== x.type.shape.at(-1)) return undefined;
  return { sum, ...(sum.operands as { lhs: Value; rhs: Value }), c };
}

const place = (node: Node) => ({ before: node, locations: node.locations });

/** Weights of every term take up a factor that the sum cannot. */
const scaleOfSum = defineRule({
  name: "scale-of-sum",
  summary: "(conv(x) + conv(y)) * c = conv(x) * c + conv(y) * c for c per channel",
  op: mul,
  rewrite(node, rewriter) {
    const p = parts(node, rewriter);
    if (!p) return false;
    const at = place(node as never);
    const [lhs, rhs] = [p.lhs, p.rhs].map((v) => rewriter.emit(mul, { lhs: v, rhs: p.c }, at, {})) as [Value, Value];
    rewriter.replace(node as never, [rewriter.emit(add, { lhs, rhs }, at, node.attrs)]);
    rewriter.eraseDead([p.sum.result]);
    return true;
  },
});

/** The bias of one term takes up what is added to the sum. */
const shiftOfSum = defineRule({
  name: "shift-of-sum",
  summary: "(conv(x) + conv(y)) + c = (conv(x) + c) + conv(y) for c per channel",
  op: add,
  rewrite(node, rewriter) {
    const p = parts(node, rewriter);
    if (!p) return false;
    const at = place(node as never);
    const lhs = rewriter.emit(add, { lhs: p.lhs, rhs: p.c }, at, {});
    rewriter.replace(node as never, [rewriter.emit(add, { lhs, rhs: p.rhs }, at, node.attrs)]);
    rewriter.eraseDead([p.sum.result]);
    return true;
  },
});

/** Rules that bring a batch norm behind a sum of convolutions, as a convolution of volumes is one, into their weights. */
export const sumRules: readonly Rule<any>[] = [scaleOfSum, shiftOfSum];
