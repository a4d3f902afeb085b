import { type CompileError, compileError } from "../diagnostic/diagnostic.ts";
import type { Node } from "../ir/node.ts";
import { dependenciesOf } from "./dependencies.ts";
import { leavingValues, type Partition, type Partitioning, partitionOf } from "./partition.ts";

const impossible = (p: Partitioning, message: string, node: Node): CompileError =>
  compileError("PAR0001", `partitions of @${p.graph.name}: ${message}`, {
    op: node.op.name,
    subject: node.describe(),
    ...(node.locations[0] && { location: node.locations[0] }),
    help: "this is a mistake in a tap of the `partition` hook, or in the engine; please report it there",
  });

/**
 * An order in which partitions and the other nodes can run, near the graph's own. Throws a `CompileError` when there is none, when a
 * node is nowhere or in two places, and when it is none of the graph's: what comes from a plugin is checked by this.
 */
export function scheduleOf(p: Partitioning): readonly (Node | Partition)[] {
  const d = dependenciesOf(p.graph);
  const units: readonly (Node | Partition)[] = [...p.partitions, ...p.outside.keys()];
  const unitOf: (number | undefined)[] = d.nodes.map(() => undefined);
  for (const [u, unit] of units.entries())
    for (const node of "nodes" in unit ? unit.nodes : [unit]) {
      const place = d.placeOf.get(node);
      if (place === undefined) throw impossible(p, "a node of another graph is in it", node);
      if (unitOf[place] !== undefined) throw impossible(p, "a node is in two places", node);
      unitOf[place] = u;
    }
  const lost = unitOf.indexOf(undefined);
  if (lost >= 0) throw impossible(p, "a node is neither in a partition nor outside", d.nodes[lost]!);

  const order: (Node | Partition)[] = [];
  const state = new Uint8Array(units.length); // 1: on the way, 2: done
  for (const start of d.nodes.keys()) {
    const path: { readonly unit: number; readonly waits: Iterator<number> }[] = [];
    const enter = (u: number): void => {
      state[u] = 1;
      const unit = units[u]!;
      const places = ("nodes" in unit ? unit.nodes : [unit]).map((n) => d.placeOf.get(n)!);
      const waits = new Set(places.flatMap((place) => d.before[place]!.map((b) => unitOf[b]!)));
      waits.delete(u);
      path.push({ unit: u, waits: waits.values() });
    };
    if (state[unitOf[start]!] === 0) enter(unitOf[start]!);
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const next = top.waits.next();
      if (next.done) {
        state[top.unit] = 2;
        order.push(units[top.unit]!);
        path.pop();
      } else if (state[next.value] === 1)
        throw impossible(p, "partitions wait for one another in a circle", d.nodes[start]!);
      else if (state[next.value] === 0) enter(next.value);
    }
  }
  return order;
}

/**
 * The same partitioning with its partitions in an order in which they can run, their nodes in the graph's, and boundaries as they follow
 * from the nodes. Throws as {@link scheduleOf} does.
 */
export function settlePartitioning(p: Partitioning): Partitioning {
  const { graph } = p;
  const place = new Map([...graph.nodes].map((n, i) => [n, i]));
  const inOrder = (nodes: Iterable<Node>): Node[] => [...nodes].sort((a, b) => place.get(a)! - place.get(b)!);
  const leaving = leavingValues(graph);
  const partitions = scheduleOf(p)
    .filter((unit) => "nodes" in unit)
    .map((unit) => partitionOf(graph, inOrder(unit.nodes), leaving));
  return { graph, partitions, outside: new Map(inOrder(p.outside.keys()).map((n) => [n, p.outside.get(n)!])) };
}
