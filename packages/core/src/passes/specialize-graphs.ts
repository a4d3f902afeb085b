import type { Graph } from "../ir/graph.ts";
import type { Node } from "../ir/node.ts";
import type { Value } from "../ir/value.ts";
import { definePass } from "../pass/define-pass.ts";
import { Rewriter } from "../rewrite/rewriter.ts";

/**
 * Gives the graphs of control-flow ops the constants they are called with, so that weights are weights inside a branch too, and drops
 * what no graph reads. See {@link Traits.calls}.
 */
export const specializeGraphs = definePass({
  name: "specialize-graphs",
  summary: "Puts constants that control flow captures into its graphs, and drops captures that nobody reads.",
  scope: "module",
  run(module) {
    const callers = new Map<string, number>();
    const nodes = module.graphs.flatMap((g) =>
      [...g.nodes].filter((n) => n.op.traits.calls).map((node) => ({ graph: g, node })),
    );
    for (const { node } of nodes) for (const name of graphNames(node)) callers.set(name, (callers.get(name) ?? 0) + 1);
    // outer graphs come first in a module, so that a constant reaches a graph inside a graph
    for (const { graph, node } of nodes)
      if (graphNames(node).every((name) => callers.get(name) === 1)) specialize(graph, node);
  },
});

function graphNames(node: Node): readonly string[] {
  return node.op.traits.calls!.graphs.map((k) => (node.attrs as Readonly<Record<string, string>>)[k]!);
}

function specialize(graph: Graph, node: Node): void {
  const { carried, captured } = node.op.traits.calls!;
  const bodies = graphNames(node).map((name) => graph.module.find(name)!);
  const first = carried === undefined ? 0 : (node.operands_[carried] as readonly Value[]).length;
  const kept: Value[] = [];
  for (const v of node.operands_[captured] as readonly Value[]) {
    const at = first + kept.length;
    const inputs = bodies.map((b) => b.inputs[at]!);
    if (v.constant)
      for (const [k, b] of bodies.entries()) new Rewriter(b).replaceAllUses(inputs[k]!, b.constant(v.constant, v.name));
    else if (inputs.some((x, k) => x.users.size > 0 || bodies[k]!.isOutput(x))) {
      kept.push(v);
      continue;
    }
    for (const b of bodies) {
      b.inputs.splice(at, 1);
      b.version++;
    }
  }
  new Rewriter(graph).setOperands(node, { ...node.operands_, [captured]: kept });
}
