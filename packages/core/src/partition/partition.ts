import { countOf } from "../eval/tensor-data.ts";
import { isStaticShape } from "../ir/dim.ts";
import { byteLength, dtypes } from "../ir/dtype.ts";
import type { Graph } from "../ir/graph.ts";
import type { Node } from "../ir/node.ts";
import type { Value } from "../ir/value.ts";

/** Nodes that a delegate runs in one go. */
export interface Partition {
  /** In the graph's order. */
  readonly nodes: readonly Node[];
  /** Values that come from elsewhere, in the order in which they are first read. Constants are no inputs: they go along. */
  readonly inputs: readonly Value[];
  /** Results that something else reads, or that leave the graph. */
  readonly outputs: readonly Value[];
  /** Constants that its nodes read, each once. */
  readonly constants: readonly Value[];
}

/** Why a node is in no partition. */
export interface Outside {
  /** The delegate does not take it, the user keeps it, or it could be inside and that is not worth it, or no more partitions are asked for. */
  readonly kind: "unsupported" | "pinned" | "not worth it" | "too many";
  readonly reason: string;
  /** A change that would let the delegate take the node. */
  readonly help?: string;
  /** Who says so: a table, or a validator of some build. */
  readonly source?: string;
}

/** Which nodes of a graph a delegate runs. */
export interface Partitioning {
  readonly graph: Graph;
  /** In an order in which they can run. */
  readonly partitions: readonly Partition[];
  /** Every other node, in the graph's order. */
  readonly outside: ReadonlyMap<Node, Outside>;
}

/** Values that leave a graph, as outputs or as state. */
export const leavingValues = (graph: Graph): ReadonlySet<Value> =>
  new Set([...graph.outputs, ...graph.states.map((s) => s.next), ...graph.inputMutations.map((m) => m.next)]);

/** Makes a {@link Partition} of nodes that are in the graph's order: finds what goes in and out. */
export function partitionOf(graph: Graph, nodes: readonly Node[], leaving = leavingValues(graph)): Partition {
  const inside = new Set(nodes);
  const read = new Set(nodes.flatMap((n) => n.inputs));
  return {
    nodes,
    inputs: [...read].filter((v) => !v.constant && !(v.producer && inside.has(v.producer))),
    outputs: nodes.flatMap((n) => n.results.filter((v) => leaving.has(v) || [...v.users].some((u) => !inside.has(u)))),
    constants: [...read].filter((v) => v.constant),
  };
}

/** Bytes of a value; `undefined` where an extent is known only when the program runs, or the value is no tensor. */
export const bytesOfValue = ({ type }: Value): number | undefined =>
  isStaticShape(type.shape) && dtypes[type.dtype].kind !== "handle"
    ? byteLength(type.dtype, countOf(type.shape))
    : undefined;

/** Bytes that cross a partition's boundary in one run; `unknown` counts the values whose size is not known. */
export interface BoundaryBytes {
  readonly in: number;
  readonly out: number;
  readonly unknown: number;
}

/** What it takes to feed a partition, and to take what it gives. */
export function boundaryBytes({ inputs, outputs }: Partition): BoundaryBytes {
  const sum = (values: readonly Value[]): number => values.reduce((n, v) => n + (bytesOfValue(v) ?? 0), 0);
  const unknown = [...inputs, ...outputs].filter((v) => bytesOfValue(v) === undefined).length;
  return { in: sum(inputs), out: sum(outputs), unknown };
}
