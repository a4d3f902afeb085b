import type { Graph } from "../ir/graph.ts";
import type { Node } from "../ir/node.ts";

/** What must run before what, by place in the graph's order. */
export interface Dependencies {
  readonly nodes: readonly Node[];
  readonly placeOf: ReadonlyMap<Node, number>;
  /** Places of the nodes that a node waits for, each once. */
  readonly before: readonly (readonly number[])[];
  /** Places of the nodes that wait for a node. */
  readonly after: readonly (readonly number[])[];
}

/**
 * The freedom that a graph leaves: a node waits for what it reads, and a node with an effect for the one with an effect before it. While
 * ops write in place, any read may be of something that is written, so that nothing may move.
 */
export function dependenciesOf(graph: Graph): Dependencies {
  const nodes = [...graph.nodes];
  const placeOf = new Map(nodes.map((n, i) => [n, i]));
  const fixed = nodes.some((n) => n.op.traits.inplace);
  const after: number[][] = nodes.map(() => []);
  let effect: number | undefined;
  const before = nodes.map((node, i) => {
    const of = new Set<number>();
    for (const v of node.inputs) {
      const place = v.producer && placeOf.get(v.producer);
      if (place !== undefined) of.add(place);
    }
    if (fixed && i > 0) of.add(i - 1);
    if (node.op.traits.effects) {
      if (effect !== undefined) of.add(effect);
      effect = i;
    }
    for (const p of of) after[p]!.push(i);
    return [...of];
  });
  return { nodes, placeOf, before, after };
}
