import type { Graph } from "../ir/graph.ts";
import type { Node } from "../ir/node.ts";
import type { OpDef } from "../op/define-op.ts";
import { Rewriter } from "./rewriter.ts";

/**
 * A local rewrite of nodes of one op, or of any op. It looks first and edits after: it returns `false` before it has changed
 * anything, or `true` when it has. Rules lead to a normal form and never undo one another.
 */
export interface Rule<D extends OpDef = OpDef> {
  readonly name: string;
  /** The algebra, as `relu(conv(x)) = conv{relu}(x)`. */
  readonly summary: string;
  readonly op?: D;
  readonly rewrite: (node: Node<D>, rewriter: Rewriter) => boolean;
}

/**
 * Declares a {@link Rule}.
 *
 * @example
 * const doubleNegation = defineRule({
 *   name: "double-negation",
 *   summary: "neg(neg(x)) = x",
 *   op: tfl.neg,
 *   rewrite(node, rewriter) {
 *     const inner = node.operands.input.producer;
 *     if (!inner?.is(tfl.neg)) return false;
 *     rewriter.replace(node, [inner.operands.input]);
 *     return true;
 *   },
 * });
 */
export const defineRule = <D extends OpDef = OpDef>(rule: Rule<D>): Rule<D> => Object.freeze(rule);

/** How often each rule has applied. */
export type RuleCounts = ReadonlyMap<string, number>;

/**
 * Applies `rules` until none does, in node order first and then wherever something changed; `count` hears of each that applies, as a
 * pass's `context.count` does. Throws when they do not come to rest, which means that two rules undo one another.
 */
export function applyRules(graph: Graph, rules: readonly Rule<any>[], count?: (rule: string) => void): RuleCounts {
  const rewriter = new Rewriter(graph);
  const byOp = new Map<OpDef, Rule<any>[]>();
  const everywhere = rules.filter((r) => !r.op);
  for (const r of rules) if (r.op) byOp.set(r.op, [...(byOp.get(r.op) ?? []), r]);
  const counts = new Map<string, number>();
  const queue: Node[] = [...graph.nodes];
  const queued = new Set<Node>(queue);
  let fresh: Node[] = [];
  const push = (n: Node): void => {
    if (!queued.has(n)) {
      queued.add(n);
      fresh.push(n);
    }
  };
  const around = (n: Node): void => {
    push(n);
    for (const v of n.inputs) {
      if (v.producer) push(v.producer);
      for (const u of v.users) push(u);
    }
    for (const r of n.results) for (const u of r.users) push(u);
  };
  const stop = rewriter.listen({
    inserted: around,
    changed: around,
    erased: (n) => {
      for (const v of n.inputs) {
        if (v.producer) push(v.producer);
        for (const u of v.users) push(u);
      }
    },
  });
  let budget = 200 * (queue.length + 50);
  try {
    for (let at = 0; at < queue.length || fresh.length; ) {
      if (at === queue.length) {
        queue.splice(0, at, ...fresh);
        fresh = [];
        at = 0;
      }
      const node = queue[at++]!;
      queued.delete(node);
      if (!node.graph) continue;
      // what a rewrite has left unread would count as a reader of its operands
      if (!node.op.traits.effects && node.results.every((r) => r.users.size === 0 && !graph.isOutput(r))) {
        rewriter.erase(node);
        continue;
      }
      for (const rule of [...(byOp.get(node.op) ?? []), ...everywhere]) {
        if (!node.graph) break;
        if (rule.rewrite(node as never, rewriter)) {
          counts.set(rule.name, (counts.get(rule.name) ?? 0) + 1);
          count?.(rule.name);
          if (node.graph) push(node);
          if (--budget < 0)
            throw new Error(
              `rewriting @${graph.name} does not come to rest; rules that applied: ${[...counts].map(([k, v]) => `${k} (${v})`).join(", ")}`,
            );
          break;
        }
      }
    }
  } finally {
    stop();
  }
  return counts;
}
