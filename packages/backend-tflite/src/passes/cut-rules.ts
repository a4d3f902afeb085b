import { defineRule, type Node, type OpDef, type Rule, type Value } from "@tflower/core";
import { transposeConv } from "../dialect/convolution.ts";
import { add, mul } from "../dialect/elementwise-binary.ts";
import { relu, relu6, reluN1To1 } from "../dialect/elementwise-unary.ts";
import { slice } from "../dialect/slice.ts";
import { takenOf } from "./taken-of.ts";

/** The cut of a transposed convolution, which is how its padding is written, if nothing else reads what is cut. */
function cutTransposed(v: Value, hasOneUse: (v: Value) => boolean): Node<typeof slice> | undefined {
  const cut = v.producer as Node<typeof slice> | undefined;
  if (!cut?.is(slice) || !hasOneUse(v)) return undefined;
  const whole = cut.operands.input as Value;
  const last = v.type.shape.length - 1;
  return whole.producer?.is(transposeConv) && hasOneUse(whole) && takenOf(cut as never)?.[last] === undefined
    ? cut
    : undefined;
}

/** `op(slice(conv), c) = slice(op(conv, c))`: in front of the cut, weights take up what comes behind. */
const affineBeforeCut = (op: typeof add | typeof mul): Rule<any> =>
  defineRule({
    name: `${op.name.slice(4)}-before-cut`,
    summary: `${op.name.slice(4)}(slice(transpose_conv(x)), c) = slice(${op.name.slice(4)}(transpose_conv(x), c))`,
    op: op as typeof add,
    rewrite(node, rewriter) {
      const { lhs, rhs } = node.operands as { lhs: Value; rhs: Value };
      const [x, c] = rhs.constant ? [lhs, rhs] : [rhs, lhs];
      const cut = c.constant && cutTransposed(x, (v) => rewriter.graph.hasOneUse(v));
      // one for each channel, or one for all
      if (!cut || c.type.shape.some((d, i) => d !== 1 && i !== c.type.shape.length - 1)) return false;
      if (c.type.shape.length > x.type.shape.length) return false;
      const place = { before: node as never, locations: node.locations };
      const whole = rewriter.emit(op as typeof add, { lhs: cut.operands.input as Value, rhs: c }, place, node.attrs);
      const { begin, size } = cut.attrs;
      const at = { before: node as never, locations: cut.locations };
      rewriter.replace(node as never, [rewriter.emit(slice, { input: whole }, at, { begin, size })]);
      return true;
    },
  });

/** An activation in front of the cut is part of the convolution. */
const activationBeforeCut = (op: OpDef): Rule<any> =>
  defineRule({
    name: `${op.name.slice(4).replaceAll("_", "-")}-before-cut`,
    summary: `${op.name.slice(4)}(slice(transpose_conv(x))) = slice(${op.name.slice(4)}(transpose_conv(x)))`,
    op,
    rewrite(node, rewriter) {
      const cut = cutTransposed(node.inputs[0]!, (v) => rewriter.graph.hasOneUse(v));
      if (!cut) return false;
      const place = { before: node, locations: node.locations };
      const input = cut.operands.input as Value;
      const whole = rewriter.create(op, { input } as never, node.attrs as never, place).results[0]!;
      const { begin, size } = cut.attrs;
      const at = { before: node, locations: cut.locations };
      rewriter.replace(node, [rewriter.emit(slice, { input: whole }, at, { begin, size })]);
      return true;
    },
  });

/** Rules that bring what follows a transposed convolution's padding to where the convolution takes it up. */
export const cutRules: readonly Rule<any>[] = [
  affineBeforeCut(mul),
  affineBeforeCut(add),
  ...[relu, relu6, reluN1To1].map(activationBeforeCut),
];
