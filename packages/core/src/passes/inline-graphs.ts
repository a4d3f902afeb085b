import type { Graph } from "../ir/graph.ts";
import type { Node } from "../ir/node.ts";
import type { Value } from "../ir/value.ts";
import { attr } from "../op/attr.ts";
import { reachableGraphs } from "../op/called-graphs.ts";
import { mapOperands } from "../op/define-op.ts";
import { definePass } from "../pass/define-pass.ts";
import { Rewriter } from "../rewrite/rewriter.ts";

/** Puts the bodies of ops that only wrap a graph in their place: see {@link Traits.wraps}. */
export const inlineGraphs = definePass({
  name: "inline-graphs",
  summary: "Replaces ops that only run a graph by that graph's nodes.",
  options: { named: attr.bool.about("also those that a delegate may know by a name").default_(false) },
  scope: "module",
  run(module, { options }) {
    for (const graph of module.graphs) inlineIn(graph, options.named);
    // bodies that nobody refers to any more
    const used = reachableGraphs(module);
    for (const graph of module.graphs) if (!used.has(graph.name)) module.remove(graph.name);
  },
});

function inlineIn(graph: Graph, named: boolean): void {
  const rewriter = new Rewriter(graph);
  // a wrapped graph may wrap another: what is inlined is looked at again
  for (let node: Node | undefined = graph.first; node; ) {
    const { wraps } = node.op.traits;
    if (!wraps || (wraps.named && !named)) {
      node = node.next;
      continue;
    }
    const body = graph.module.find((node.attrs as Record<string, string>)[wraps.graph]!)!;
    const args = node.operands_[wraps.operands] as readonly Value[];
    const map = new Map<Value, Value>(body.inputs.map((v, i) => [v, args[i]!]));
    const get = (v: Value): Value => {
      const known = map.get(v) ?? (v.constant ? v : undefined);
      if (!known) throw new Error(`@${body.name} reads a value that is not its own`);
      return known;
    };
    let first: Node | undefined;
    for (const n of body.nodes) {
      const copy = rewriter.create(n.op, mapOperands(n.operands_, get) as never, n.attrs as never, {
        before: node,
        locations: n.locations,
        types: n.results.map((r) => r.type),
      }) as unknown as Node;
      first ??= copy;
      n.results.forEach((r, i) => {
        copy.results[i]!.name = r.name;
        map.set(r, copy.results[i]!);
      });
    }
    const next: Node | undefined = first ?? node.next;
    rewriter.replace(node, body.outputs.map(get));
    node = next;
  }
}
