import {
  type Change,
  type Compiler,
  type Graph,
  type Module,
  type Node,
  type Outside,
  type Partitioning,
  type PartitionOptions,
  partitionGraph,
  type Support,
  type Verdict,
  whatIf,
} from "@tflower/core";
import { groupBy } from "../report/group-by.ts";
import { macsOf } from "../report/node-facts.ts";
import type { PartitionTarget } from "./partition-target.ts";

/** Where one node runs. */
export interface PlacedNode {
  readonly graph: Graph;
  readonly node: Node;
  /** Number of its partition, from 0 through all graphs; `undefined` where it runs on the CPU's built-in kernels. */
  readonly partition: number | undefined;
  readonly outside: Outside | undefined;
}

/** Nodes that are outside for one reason. */
export interface Cause extends Outside {
  readonly nodes: readonly Node[];
}

/** Which op of a module runs where, and why not on the delegate. */
export interface Placement {
  readonly target: PartitionTarget;
  readonly partitionings: readonly Partitioning[];
  /** Every node, in order. */
  readonly nodes: readonly PlacedNode[];
  readonly partitions: number;
  /** As few as there can be, when nodes may change places. */
  readonly fewest: number;
  /** Unbroken runs in the order of the file: what LiteRT's compiler plugins make. */
  readonly runs: number;
  readonly causes: readonly Cause[];
  /** What one change would bring, best first. */
  readonly changes: readonly Change[];
  /** Multiply-accumulates in partitions, and of all nodes whose extents are known. */
  readonly macs: { readonly inside: number; readonly all: number };
}

/** What a {@link placementOf} is asked for. */
export interface PlacementOptions extends PartitionOptions {
  /** Divides one graph; core's engine by default. A compiler's `partition` asks plugins, too. */
  readonly divide?: (graph: Graph, options: PartitionOptions) => Partitioning;
}

/** Divides every graph of a module between a delegate and the rest. */
export function placementOf(
  module: Module,
  target: PartitionTarget,
  verdict: Verdict,
  { divide = (g, options) => partitionGraph(g, verdict, options), ...asked }: PlacementOptions = {},
): Placement {
  const known = new Map<Node, Support | undefined>();
  const once: Verdict = (node) => {
    if (!known.has(node)) known.set(node, verdict(node));
    return known.get(node);
  };
  const options = { strategy: target.strategy, ...asked };
  const partitionings = module.graphs.map((g) => divide(g, options));
  const count = (all: readonly Partitioning[]): number => all.reduce((n, p) => n + p.partitions.length, 0);
  const other = (strategy: PartitionOptions["strategy"]): number =>
    count(module.graphs.map((g) => partitionGraph(g, once, { keep: asked.keep ?? [], strategy: strategy! })));
  const nodes = placedNodes(partitionings);
  const macs = (of: readonly PlacedNode[]): number => of.reduce((n, x) => n + (macsOf(x.node) ?? 0), 0);
  return {
    target,
    partitionings,
    nodes,
    partitions: count(partitionings),
    fewest: other("fewest"),
    runs: other("runs"),
    causes: causesOf(nodes),
    changes: whatIf(module.graphs, once, options),
    macs: { inside: macs(nodes.filter((n) => n.partition !== undefined)), all: macs(nodes) },
  };
}

/** The same with a compiler's plugins: their verdicts, and their taps of the `partition` hook. */
export const placementBy = (
  compiler: Compiler,
  module: Module,
  target: PartitionTarget,
  options: PartitionOptions = {},
): Placement =>
  placementOf(module, target, compiler.verdictOf(target.key) ?? (() => undefined), {
    ...options,
    divide: (graph, o) => compiler.partition(graph, target.key, o),
  });

function placedNodes(partitionings: readonly Partitioning[]): readonly PlacedNode[] {
  let first = 0;
  return partitionings.flatMap(({ graph, partitions, outside }) => {
    const numbers = new Map(partitions.flatMap((p, i) => p.nodes.map((n) => [n, first + i] as const)));
    first += partitions.length;
    return [...graph.nodes].map((node) => ({
      graph,
      node,
      partition: numbers.get(node),
      outside: outside.get(node),
    }));
  });
}

function causesOf(nodes: readonly PlacedNode[]): readonly Cause[] {
  const groups = groupBy(
    nodes.filter((n) => n.outside !== undefined),
    (n) => n.outside!.reason,
  );
  return [...groups.values()]
    .map((all) => ({ ...all[0]!.outside!, nodes: all.map((n) => n.node) }))
    .sort((a, b) => b.nodes.length - a.nodes.length || (a.reason < b.reason ? -1 : 1));
}
