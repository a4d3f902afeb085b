import { dataOf, defineRule, type Node, type Rule, type Value } from "@tflower/core";
import { mul } from "../dialect/elementwise-binary.ts";
import { transpose } from "../dialect/layout.ts";
import { batchMatmul } from "../dialect/matmul.ts";
import { elements } from "./layout-rules.ts";

/** What `v` is the transpose of, as a batch of matrices. */
function untransposed(v: Value): Value | undefined {
  const t = v.producer?.is(transpose) ? (v.producer as Node<typeof transpose>) : undefined;
  if (!t) return undefined;
  const { perm } = t.attrs;
  const rank = perm.length;
  return rank >= 2 && perm.every((p, i) => p === (i < rank - 2 ? i : 2 * rank - 3 - i)) ? t.operands.input : undefined;
}
const swapLast = (rank: number): number[] => [...Array(rank - 2).keys(), rank - 1, rank - 2];

/** The kernel reads its right side either way. */
const takeTranspose = defineRule({
  name: "take-transpose",
  summary: "batch_matmul(x, transpose(y)) = batch_matmul{adj_y}(x, y)",
  op: batchMatmul,
  rewrite(node, rewriter) {
    const { x, y } = node.operands;
    const inner = untransposed(y);
    if (!inner || y.constant) return false;
    const adj_y = !node.attrs.adj_y;
    const place = { before: node as never, locations: node.locations };
    rewriter.replace(node as never, [rewriter.emit(batchMatmul, { x, y: inner }, place, { ...node.attrs, adj_y })]);
    rewriter.eraseDead([y]);
    return true;
  },
});

/** The left side it reads one way only; a product of two transposes is the transpose of one product. */
const swapSides = defineRule({
  name: "swap-sides",
  summary: "batch_matmul{adj_y}(transpose(x), y) = transpose(batch_matmul(y, x))",
  op: batchMatmul,
  rewrite(node, rewriter) {
    const { x, y } = node.operands;
    const { adj_x, adj_y } = node.attrs;
    const inner = adj_x ? x : untransposed(x);
    // with broadcasting, too, batch axes stay where they are
    if (!inner || !adj_y || (!adj_x && !rewriter.graph.hasOneUse(x)) || (y.constant && !adj_x)) return false;
    const place = { before: node as never, locations: node.locations };
    // a transpose on the result instead of one before
    if (elements(node.result) > elements(x)) return false;
    const product = rewriter.emit(batchMatmul, { x: y, y: inner }, place, {
      ...node.attrs,
      adj_x: false,
      adj_y: false,
    });
    const rank = product.type.shape.length;
    rewriter.replace(node as never, [rewriter.emit(transpose, { input: product }, place, { perm: swapLast(rank) })]);
    rewriter.eraseDead([x]);
    return true;
  },
});

/** Whether a constant is one finite number. */
function isNumber(v: Value): boolean {
  const data = v.constant && v.type.dtype === "f32" ? dataOf(v) : undefined;
  return data?.data.length === 1 && Number.isFinite(Number(data.data[0]));
}

/** Scores are many; what they are products of are few, and often come from weights that take the factor up. */
const scaleOperand = defineRule({
  name: "scale-operand",
  summary: "batch_matmul(x, y) * c = batch_matmul(x * c, y) for a number c, on the smaller of both",
  op: mul,
  rewrite(node, rewriter) {
    const { lhs, rhs } = node.operands;
    const [v, c] = rhs.constant ? [lhs, rhs] : [rhs, lhs];
    const product = v.producer?.is(batchMatmul) ? (v.producer as Node<typeof batchMatmul>) : undefined;
    if (!product || !isNumber(c) || node.attrs.fused_activation_function !== "NONE") return false;
    if (c.type.shape.length > v.type.shape.length || !rewriter.graph.hasOneUse(v)) return false;
    const { x, y } = product.operands;
    const side = elements(x) <= elements(y) || y.constant ? "x" : "y";
    const from = product.operands[side];
    if (from.constant || elements(from) >= elements(v) || c.type.shape.length > from.type.shape.length) return false;
    const place = { before: product as never, locations: node.locations };
    const scaled = rewriter.emit(mul, { lhs: from, rhs: c }, place, {});
    rewriter.replace(node as never, [
      rewriter.emit(
        batchMatmul,
        { ...product.operands, [side]: scaled },
        { before: product as never, locations: product.locations },
        product.attrs,
      ),
    ]);
    rewriter.eraseDead([v]);
    return true;
  },
});

/** Rules that give products of matrices the form that takes the least work. */
export const matmulRules: readonly Rule<any>[] = [takeTranspose, swapSides, scaleOperand];
