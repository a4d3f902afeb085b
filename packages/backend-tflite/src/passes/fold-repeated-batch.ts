import {
  applyRules,
  attr,
  definePass,
  defineRule,
  isStatic,
  mulDim,
  type Node,
  type Place,
  type Rewriter,
  type Rule,
  sameShape,
  type Value,
} from "@tflower/core";
import { reshape, transpose } from "../dialect/layout.ts";
import { batchMatmul } from "../dialect/matmul.ts";
import { broadcastTo } from "../dialect/repeat.ts";
import { pruneRows } from "./prune-rows.ts";

/** A tensor whose matrices along its last batch axis come `times` in a row each; `base` makes the one with each of them once. */
interface Repeated {
  readonly own: number;
  readonly times: number;
  readonly base: (rewriter: Rewriter, place: Place) => Value;
}

/** `[.., own, 1, n, m]` spread to `[.., own, times, n, m]`, then seen as `[.., own * times, n, m]`. */
function throughJoin(v: Value): Repeated | undefined {
  const join = v.producer?.is(reshape) ? (v.producer as Node<typeof reshape>) : undefined;
  const spread = join?.operands.input.producer as Node<typeof broadcastTo> | undefined;
  if (!join || join.operands.shape || !spread?.is(broadcastTo) || spread.operands.shape) return undefined;
  const from = spread.operands.input.type.shape;
  const wide = spread.result.type.shape;
  const { shape } = v.type;
  const at = shape.length - 3;
  if (at < 0 || wide.length !== shape.length + 1 || from.length !== wide.length) return undefined;
  const [own, times] = [wide[at]!, wide[at + 1]!];
  if (!isStatic(own) || !isStatic(times) || times < 2 || from[at + 1] !== 1) return undefined;
  if (!sameShape(from, wide.with(at + 1, 1)) || !sameShape(shape, wide.toSpliced(at, 2, own * times))) return undefined;
  const input = spread.operands.input;
  return {
    own,
    times,
    base: (rewriter, place) => rewriter.emit(reshape, { input }, place, { shape: shape.with(at, own) }),
  };
}

/** `[.., 1, n, m]` spread to `[.., times, n, m]`. */
function throughSpread(v: Value): Repeated | undefined {
  const spread = v.producer?.is(broadcastTo) ? (v.producer as Node<typeof broadcastTo>) : undefined;
  const { shape } = v.type;
  const at = shape.length - 3;
  if (!spread || spread.operands.shape || at < 0) return undefined;
  const input = spread.operands.input;
  const times = shape[at]!;
  if (!isStatic(times) || times < 2 || !sameShape(input.type.shape, shape.with(at, 1))) return undefined;
  return { own: 1, times, base: () => input };
}

/** {@link Repeated}, also where the matrices were transposed afterwards. */
function repeated(v: Value): Repeated | undefined {
  const found = throughJoin(v) ?? throughSpread(v);
  if (found) return found;
  const t = v.producer?.is(transpose) ? (v.producer as Node<typeof transpose>) : undefined;
  if (!t) return undefined;
  const { perm } = t.attrs;
  const rank = perm.length;
  if (!perm.every((p, i) => p === (i < rank - 2 ? i : 2 * rank - 3 - i))) return undefined;
  const inner = throughJoin(t.operands.input) ?? throughSpread(t.operands.input);
  return (
    inner && {
      ...inner,
      base: (rewriter, place) => rewriter.emit(transpose, { input: inner.base(rewriter, place) }, place, { perm }),
    }
  );
}

/** Queries of heads that share keys are rows of one matrix: the keys are read, and packed, once for all of them. */
const repeatedAsRows = (leastTimes: number): Rule<any> =>
  defineRule({
    name: "repeated-as-rows",
    summary: "batch_matmul(x, y repeated along its last batch axis) = batch_matmul(rows of x side by side, y)",
    op: batchMatmul,
    rewrite(node, rewriter) {
      const { x, y } = node.operands;
      const { shape } = x.type;
      const found = repeated(y);
      if (!found || found.times < leastTimes || node.attrs.adj_x || shape.length !== y.type.shape.length) return false;
      const at = shape.length - 3;
      const { own, times } = found;
      // the other batch axes go as they are
      if (shape[at] !== own * times || !sameShape(shape.slice(0, at), y.type.shape.slice(0, at))) return false;
      const place = { before: node as never, locations: node.locations };
      const rows = rewriter.emit(reshape, { input: x }, place, {
        shape: [...shape.slice(0, at), own, mulDim(shape[at + 1]!, times), shape[at + 2]!],
      });
      const product = rewriter.emit(batchMatmul, { x: rows, y: found.base(rewriter, place) }, place, node.attrs);
      rewriter.replace(node as never, [
        rewriter.emit(reshape, { input: product }, place, { shape: node.result.type.shape }),
      ]);
      rewriter.eraseDead([y]);
      return true;
    },
  });

/** Keeps attention with shared keys from repeating them. */
export const foldRepeatedBatch = definePass({
  name: "fold-repeated-batch",
  summary: "Multiplies by matrices that are repeated for several heads once, with the heads as rows.",
  options: {
    /** How often a matrix must be repeated for that: a number that is never reached turns the pass off. */
    leastTimes: attr.int.default_(2),
  },
  after: [pruneRows],
  scope: "graph",
  run: (graph, { count, options }) => void applyRules(graph, [repeatedAsRows(options.leastTimes)], count),
});
