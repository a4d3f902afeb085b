import type { Graph } from "../ir/graph.ts";
import type { Node } from "../ir/node.ts";
import type { Outside } from "./partition.ts";
import { type PartitionOptions, partitionGraph, type Verdict } from "./partition-graph.ts";

/** Nodes that stay outside for one cause, and what would come of it if the cause were gone. */
export interface Change {
  readonly op: string;
  readonly reason: string;
  readonly help?: string;
  /** The nodes concerned, of all graphs. */
  readonly nodes: readonly Node[];
  /** Partitions that there would be if the delegate took these nodes. */
  readonly partitions: number;
  /** How many fewer that is; negative where there would be more. */
  readonly saved: number;
  /** Nodes that would still be outside. */
  readonly outsideLeft: number;
}

/**
 * For each cause that keeps nodes outside, the partitioning without it: what one change would bring. The change that saves most
 * partitions comes first, then the one that brings most nodes inside.
 */
export function whatIf(graphs: readonly Graph[], verdict: Verdict, o: PartitionOptions = {}): readonly Change[] {
  const now = graphs.map((g) => partitionGraph(g, verdict, o));
  const causes = new Map<string, { readonly why: Outside; readonly nodes: Node[] }>();
  for (const { outside } of now)
    for (const [node, why] of outside) {
      if (why.kind !== "unsupported" && why.kind !== "pinned") continue;
      const key = `${node.op.name}|${why.reason}`;
      const cause = causes.get(key);
      if (cause) cause.nodes.push(node);
      else causes.set(key, { why, nodes: [node] });
    }
  const total = now.reduce((n, p) => n + p.partitions.length, 0);
  const changes = [...causes.values()].map(({ why, nodes }): Change => {
    const taken = new Set(nodes);
    // a pin is lifted the same way: the engine is asked without it for these nodes
    const keep = (o.keep ?? []).map((pin) => ({ ...pin, node: (n: Node) => !taken.has(n) && (pin.node?.(n) ?? true) }));
    const then = now.map((p) =>
      [...taken].some((n) => p.outside.has(n))
        ? partitionGraph(p.graph, (n) => (taken.has(n) ? { supported: true } : verdict(n)), { ...o, keep })
        : p,
    );
    const partitions = then.reduce((n, p) => n + p.partitions.length, 0);
    return {
      op: nodes[0]!.op.name,
      reason: why.reason,
      ...(why.help !== undefined && { help: why.help }),
      nodes,
      partitions,
      saved: total - partitions,
      outsideLeft: then.reduce((n, p) => n + p.outside.size, 0),
    };
  });
  return changes.sort(
    (a, b) =>
      b.saved - a.saved || a.outsideLeft - b.outsideLeft || (`${a.op}|${a.reason}` < `${b.op}|${b.reason}` ? -1 : 1),
  );
}
