import { defineRule, isStaticShape, type Node, type Rewriter, type Rule, type Value } from "@tflower/core";
import { reshape, transpose } from "../dialect/layout.ts";
import { elements, invert, permutedForm, transposeOf } from "./layout-rules.ts";
import { groupAxes, moveThroughReshape } from "./move-through-reshape.ts";

type Perm = readonly number[];

/** Pairs that are out of order: what a permutation costs, roughly, and what {@link factorAtReshape} brings down each time. */
const inversions = (perm: Perm): number =>
  perm.reduce((n, p, i) => n + perm.slice(i + 1).filter((q) => q < p).length, 0);

/** Votes for the permutation that readers of a value would undo it by, in elements; `none` counts those that have no use for one. */
type Votes = Map<string, number>;
const none = "";

/** Asks the readers of `v`, and those of ops that permute with it, `depth` ops away. */
function askReaders(v: Value, depth: number, votes: Votes, rewriter: Rewriter): void {
  const vote = (perm: Perm | undefined, size: number): void => {
    const key = perm?.join() ?? none;
    votes.set(key, (votes.get(key) ?? 0) + size);
  };
  if (rewriter.graph.isOutput(v)) vote(undefined, elements(v));
  for (const user of v.users) {
    if (user.is(transpose)) vote((user as unknown as Node<typeof transpose>).attrs.perm, elements(v));
    else {
      const other = user.inputs.find((x) => x !== v && transposeOf(x)?.attrs.perm.length === v.type.shape.length);
      if (other) vote(invert(transposeOf(other)!.attrs.perm), elements(v));
      else if (depth > 0 && user.inputs.every((x) => x === v || x.constant) && keepsOrder(user, v.type.shape.length))
        for (const r of user.results) askReaders(r, depth - 1, votes, rewriter);
      else vote(undefined, elements(v));
    }
  }
}

/** Whether an op hands a permutation on as it is. Asked with one that moves every axis. */
function keepsOrder(node: Node, rank: number): boolean {
  const perm = Array.from({ length: rank }, (_, i) => (i + 1) % rank);
  const form = node.op.traits.tfl && permutedForm(node, perm);
  return form !== undefined && form.perm.join() === perm.join();
}

/** The perm that `reshape(transpose(x, .), to permuted by q)` needs for the same elements in the order of `q`; `undefined` where `q` tears a group apart. */
function innerPerm(perm: Perm, from: readonly number[], to: readonly number[], q: Perm): readonly number[] | undefined {
  const groups = groupAxes(from, to);
  if (!groups || q.length !== to.length) return undefined;
  const wide = q.filter((t) => to[t] !== 1);
  const order: number[] = [...from.keys()].filter((s) => from[s] === 1);
  for (let i = 0; i < wide.length; ) {
    const group = groups.find((g) => g.target[0] === wide[i]);
    if (!group || group.target.some((t, k) => wide[i + k] !== t)) return undefined;
    order.push(...group.source);
    i += group.target.length;
  }
  return order.map((s) => perm[s]!);
}

/**
 * Where a reshape merges axes that a transpose has brought together, as a channel shuffle does, no transpose can pass it whole. The part
 * that brings them together stays in front; what readers would undo goes behind.
 */
const factorAtReshape = defineRule({
  name: "factor-transpose-at-reshape",
  summary: "reshape(transpose(x, p)) = transpose(reshape(transpose(x, p')), q) where readers of the result undo q",
  op: reshape,
  rewrite(node, rewriter) {
    const t = transposeOf(node.operands.input);
    if (!t || node.operands.shape || !rewriter.graph.hasOneUse(t.result)) return false;
    const from = t.result.type.shape;
    const to = node.attrs.shape;
    const { perm } = t.attrs;
    if (!isStaticShape(from) || !isStaticShape(to) || moveThroughReshape(perm, from, to)) return false;
    const votes: Votes = new Map();
    askReaders(node.result, 2, votes, rewriter);
    const against = votes.get(none) ?? 0;
    votes.delete(none);
    const [best] = [...votes].sort(([, a], [, b]) => b - a);
    if (!best || best[1] < against) return false;
    const q = best[0].split(",").map(Number);
    const inner = innerPerm(perm, from, to, q);
    if (!inner || inversions(inner) >= inversions(perm)) return false;
    const place = { before: node as never, locations: node.locations };
    const near = rewriter.emit(transpose, { input: t.operands.input }, place, { perm: inner });
    const merged = rewriter.emit(reshape, { input: near }, place, { shape: q.map((axis) => to[axis]!) });
    rewriter.replace(node as never, [rewriter.emit(transpose, { input: merged }, place, { perm: invert(q) })]);
    return true;
  },
});

/** Rules that take a transpose apart where only a part of it can move on. */
export const factorRules: readonly Rule<any>[] = [factorAtReshape];
