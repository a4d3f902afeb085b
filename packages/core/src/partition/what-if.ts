import type { Graph } from "../ir/graph.ts";
import type { Node } from "../ir/node.ts";
import type { Outside } from "./partition.ts";
import { type PartitionOptions, partitionGraph, type Verdict } from "./partition-graph.ts";

/** Nodes that stay outside for one cause, and what would come of it if the cause were gone. */
export interface Change {
  /** Names of the ops concerned: one, or all that are refused for the same reason. */
  readonly ops: readonly string[];
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

interface Cause {
  readonly why: Outside;
  readonly nodes: Node[];
}

/** Nodes that are outside for one reason: those of one op, and those of all ops that share it. */
function causesOf(outside: Iterable<readonly [Node, Outside]>): readonly Cause[] {
  const byOp = new Map<string, Cause>();
  const byReason = new Map<string, Cause>();
  for (const [node, why] of outside) {
    if (why.kind !== "unsupported" && why.kind !== "pinned") continue;
    for (const [causes, key] of [
      [byOp, `${node.op.name}|${why.reason}`],
      [byReason, why.reason],
    ] as const) {
      const cause = causes.get(key);
      if (cause) cause.nodes.push(node);
      else causes.set(key, { why, nodes: [node] });
    }
  }
  return [...byOp.values(), ...[...byReason.values()].filter((c) => new Set(c.nodes.map((n) => n.op)).size > 1)];
}

/**
 * For each cause that keeps nodes outside, the partitioning without it: what one change would bring. The change that saves most
 * partitions comes first, then the one that concerns the fewest nodes.
 */
export function whatIf(graphs: readonly Graph[], verdict: Verdict, o: PartitionOptions = {}): readonly Change[] {
  const now = graphs.map((g) => partitionGraph(g, verdict, o));
  const total = now.reduce((n, p) => n + p.partitions.length, 0);
  const changes = causesOf(now.flatMap((p) => [...p.outside])).map(({ why, nodes }): Change => {
    const taken = new Set(nodes);
    // a pin is lifted the same way: the engine is asked without it for these nodes
    const keep = (o.keep ?? []).map((pin) => ({
      ...pin,
      node: (n: Node) => !taken.has(n) && (pin.node?.(n) ?? true),
    }));
    const then = now.map((p) =>
      nodes.some((n) => p.outside.has(n))
        ? partitionGraph(p.graph, (n) => (taken.has(n) ? { supported: true } : verdict(n)), { ...o, keep })
        : p,
    );
    const partitions = then.reduce((n, p) => n + p.partitions.length, 0);
    return {
      ops: [...new Set(nodes.map((n) => n.op.name))],
      reason: why.reason,
      ...(why.help !== undefined && { help: why.help }),
      nodes,
      partitions,
      saved: total - partitions,
      outsideLeft: then.reduce((n, p) => n + p.outside.size, 0),
    };
  });
  const key = (c: Change): string => `${c.ops.join()}|${c.reason}`;
  return changes.sort((a, b) => b.saved - a.saved || a.nodes.length - b.nodes.length || (key(a) < key(b) ? -1 : 1));
}
