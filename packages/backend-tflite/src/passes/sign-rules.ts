import { defineRule, isStaticShape, type Node, type Rule, tensorData, type Value } from "@tflower/core";
import { mul } from "../dialect/elementwise-binary.ts";
import { neg } from "../dialect/elementwise-unary.ts";
import { concatenation } from "../dialect/join.ts";
import { constantOf } from "./constant-of.ts";

/** What is negated, where a value is negated for one reader only. */
const negated = (v: Value, hasOneUse: (v: Value) => boolean): Value | undefined =>
  v.producer?.is(neg) && hasOneUse(v) ? (v.producer.operands_["input"] as Value) : undefined;

/**
 * `concat(-a, b) * c = concat(a, b) * c'`, with signs in the constant: what rotary embeddings are made of. Exact, since a sign is a bit;
 * only that of a NaN may be another.
 */
const signIntoFactor: Rule<any> = defineRule({
  name: "sign-into-factor",
  summary: "concat(-a, b) * c = concat(a, b) * c' for a constant c",
  op: mul,
  rewrite(node, rewriter) {
    const { lhs, rhs } = node.operands;
    const [x, c] = rhs.constant ? [lhs, rhs] : [rhs, lhs];
    const join = x.producer;
    const oneUse = (v: Value): boolean => rewriter.graph.hasOneUse(v);
    if (!c.constant || !join?.is(concatenation) || !oneUse(x) || c.type.dtype !== "f32") return false;
    const { values } = (join as unknown as Node<typeof concatenation>).operands;
    const { axis: given } = (join as unknown as Node<typeof concatenation>).attrs;
    const { shape } = x.type;
    const axis = given < 0 ? given + shape.length : given;
    if (!isStaticShape(shape) || !isStaticShape(c.type.shape)) return false;
    if (c.type.shape.length > shape.length) return false;
    const plain = values.map((v) => negated(v, oneUse));
    if (!plain.some(Boolean)) return false;
    const signs = values.flatMap((v, i) => new Array<number>(v.type.shape[axis] as number).fill(plain[i] ? -1 : 1));
    // along the joined axis, and along no other
    const spread = shape.map((d, i) => (i === axis ? d : 1)).slice(Math.min(axis, shape.length - c.type.shape.length));
    const factor = constantOf(rewriter, mul, { lhs: c, rhs: rewriter.constant(tensorData("f32", spread, signs)) }, {});
    const place = { before: node as never, locations: node.locations };
    const joined = rewriter.emit(concatenation, { values: values.map((v, i) => plain[i] ?? v) }, place, { axis });
    rewriter.replace(node as never, [rewriter.emit(mul, { lhs: joined, rhs: factor }, place, node.attrs)]);
    rewriter.eraseDead([x]);
    return true;
  },
});

/** Rules that spare negations. */
export const signRules: readonly Rule<any>[] = [signIntoFactor];
