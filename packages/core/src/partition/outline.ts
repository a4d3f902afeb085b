import { compileError } from "../diagnostic/diagnostic.ts";
import type { Graph } from "../ir/graph.ts";
import type { Value } from "../ir/value.ts";
import { type AnyOperands, mapOperands, type OpDef } from "../op/define-op.ts";
import { Rewriter } from "../rewrite/rewriter.ts";
import { leavingValues, type Partition, type Partitioning, partitionOf } from "./partition.ts";
import { scheduleOf } from "./schedule.ts";

/** The node that takes a partition's place: it gets the partition's inputs, and gives its outputs, both in order. */
export interface PartitionCall {
  readonly op: OpDef;
  readonly operands: AnyOperands<Value>;
  readonly attrs?: Readonly<Record<string, unknown>>;
}

/** What {@link outline} asks its caller about one partition. */
export interface Outlined {
  readonly partition: Partition;
  /** Place in the order of execution. */
  readonly index: number;
  /** The graph that the partition's nodes are in now. */
  readonly body: Graph;
}

/**
 * Moves each partition into a graph of its own, in whose place one node stands: the op that `call` names, which a delegate declares.
 * The graph computes what it did before, if the op runs the body. Throws a `CompileError` when the partitioning is impossible, or when
 * a partition has effects and its op says it has none.
 *
 * @example
 * const runOnNpu = defineOp("npu.run", {
 *   summary: "Runs a graph on the NPU.",
 *   operands: { inputs: operand.variadic(operand.tensor) },
 *   attrs: { graph: attr.graph },
 * });
 * outline(compiler.partition(graph, "npu"), ({ partition, body }) => ({
 *   op: runOnNpu,
 *   operands: { inputs: partition.inputs },
 *   attrs: { graph: body.name },
 * }));
 */
export function outline(
  partitioning: Partitioning,
  call: (outlined: Outlined) => PartitionCall,
  name: (index: number) => string = (i) => `${partitioning.graph.name}_partition_${i}`,
): readonly Outlined[] {
  const { graph } = partitioning;
  const order = scheduleOf(partitioning);
  const rewriter = new Rewriter(graph);
  const all: Outlined[] = [];
  for (const unit of order) {
    // what has been moved to the end is in the new order
    if (!("nodes" in unit)) {
      rewriter.move(unit, undefined);
      continue;
    }
    // its inputs are results of calls now, where partitions give them
    const partition = partitionOf(graph, unit.nodes, leavingValues(graph));
    const body = bodyOf(partition, graph.module.graph(graph.module.freeName(name(all.length))));
    const outlined: Outlined = { partition, index: all.length, body };
    all.push(outlined);
    const { op, operands, attrs } = call(outlined);
    if (!op.traits.effects && partition.nodes.some((n) => n.op.traits.effects))
      throw compileError("PAR0001", `"${op.name}" says it has no effects, and the partition it runs has some`, {
        op: op.name,
        help: "declare the op with the trait `effects`",
      });
    const node = rewriter.create(op, operands as never, attrs, {
      types: partition.outputs.map((v) => v.type),
      locations: [...new Set(partition.nodes.flatMap((n) => n.locations))],
    });
    partition.outputs.forEach((v, i) => {
      node.results[i]!.name = v.name;
      rewriter.replaceAllUses(v, node.results[i]!);
    });
    for (const n of [...partition.nodes].reverse()) rewriter.erase(n);
  }
  return all;
}

/** Fills `body` with copies of a partition's nodes. */
function bodyOf(partition: Partition, body: Graph): Graph {
  const rewriter = new Rewriter(body);
  const map = new Map<Value, Value>(partition.inputs.map((v) => [v, body.input(v.type, v.name)]));
  for (const v of partition.constants) map.set(v, body.constant(v.constant!, v.name));
  for (const n of partition.nodes) {
    const copy = rewriter.create(n.op, mapOperands(n.operands_, (v) => map.get(v)!) as never, n.attrs as never, {
      locations: n.locations,
      types: n.results.map((r) => r.type),
    });
    n.results.forEach((r, i) => {
      copy.results[i]!.name = r.name;
      map.set(r, copy.results[i]!);
    });
  }
  body.outputs = partition.outputs.map((v) => map.get(v)!);
  body.outputNames = partition.outputs.map((v, i) => v.name ?? `output_${i}`);
  return body;
}
