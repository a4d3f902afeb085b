import type { Graph, Node } from "@tflower/core";

/** What XNNPACK does with one op in float32, as far as its operator says: taken, taken under a condition, or not. */
type Rule = true | ((node: Node) => string | undefined);

const attrOf = (node: Node, name: string): unknown => (node.attrs as Readonly<Record<string, unknown>>)[name];
const constant =
  (operand: string, why: string): ((node: Node) => string | undefined) =>
  (n) =>
    (n.operands_[operand] as { readonly constant?: unknown } | undefined)?.constant ? undefined : why;
const all =
  (...rules: readonly ((n: Node) => string | undefined)[]) =>
  (n: Node): string | undefined =>
    rules.map((r) => r(n)).find((why) => why !== undefined);
const weights = all(
  constant("filter", "its weights are computed at run time"),
  constant("bias", "it has no constant bias"),
);
const notSingle = (n: Node): string | undefined =>
  attrOf(n, "filter_width") === 1 && attrOf(n, "filter_height") === 1 ? "its window is 1 x 1" : undefined;

/** By the name of the builtin: facts about a delegate, not about ops. */
const rules: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries(
    (
      "ABS ADD BATCH_MATMUL CEIL COS DEPTH_TO_SPACE DIV ELU EXP EXPAND_DIMS FLOOR GELU HARD_SWISH LEAKY_RELU LOG LOGISTIC " +
      "MAXIMUM MEAN MINIMUM MUL NEG PAD PRELU REDUCE_MAX REDUCE_MIN RELU RELU6 RELU_N1_TO_1 RESHAPE RESIZE_BILINEAR ROUND RSQRT SIN SLICE " +
      "SOFTMAX SPACE_TO_DEPTH SQRT SQUARE SQUARED_DIFFERENCE STRIDED_SLICE SUB SUM TANH TRANSPOSE TRANSPOSE_CONV"
    )
      .split(" ")
      .map((b) => [b, true as const]),
  ),
  CONV_2D: weights,
  DEPTHWISE_CONV_2D: weights,
  FULLY_CONNECTED: constant("filter", "its weights are computed at run time"),
  AVERAGE_POOL_2D: notSingle,
  MAX_POOL_2D: notSingle,
  CONCATENATION: (n) =>
    n.inputs.length > 5 ? `it joins ${n.inputs.length} tensors, and more than 5 are not taken` : undefined,
  SPLIT: (n) =>
    n.results.length > 4 ? `it gives ${n.results.length} tensors, and more than 4 are not taken` : undefined,
};

/** Why XNNPACK leaves a node to the built-in kernels; `undefined` where it takes it. */
export function whyOutside(node: Node): string | undefined {
  const builtin = node.op.traits.tfl?.builtin;
  const rule = builtin === undefined ? undefined : rules[builtin];
  if (rule === undefined) return "XNNPACK has no such op";
  const why = rule === true ? undefined : rule(node);
  if (why !== undefined) return why;
  const other = [...node.inputs, ...node.results].find((v) => !v.constant && !["f32", "f16"].includes(v.type.dtype));
  return other ? `it works on ${other.type.dtype}` : undefined;
}

/** An estimate of how XNNPACK divides a graph. */
export interface PartitionEstimate {
  readonly partitions: number;
  /** Nodes left to the built-in kernels, with the reason. */
  readonly outside: readonly { readonly node: Node; readonly why: string }[];
}

/**
 * Estimates XNNPACK's partitions for a float graph: as few as possible, with nodes that do not depend on one another in any order, as
 * the runtime's partitioner does.
 */
export function estimatePartitions(graph: Graph): PartitionEstimate {
  const outside: { node: Node; why: string }[] = [];
  // each node's partition is the number of changes between inside and outside on the longest way to it
  const level = new Map<Node, number>();
  const inside = new Set<Node>();
  const levels = new Set<number>();
  for (const node of graph.nodes) {
    const why = whyOutside(node);
    if (why === undefined) inside.add(node);
    else outside.push({ node, why });
    let at = why === undefined ? 0 : 1;
    for (const v of node.inputs) {
      const p = v.producer;
      if (p) at = Math.max(at, level.get(p)! + (inside.has(p) === inside.has(node) ? 0 : 1));
    }
    level.set(node, at);
    if (why === undefined) levels.add(at);
  }
  return { partitions: levels.size, outside };
}
