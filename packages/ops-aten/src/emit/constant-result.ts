import { appliedConstant, type Emit, type Node, type Value } from "@tflower/core";

/** The result of an op that reads nothing, as a constant that is computed when it is written. */
export const constantResult = (emit: Emit, node: Node<any>): Value =>
  emit.constant(appliedConstant(node.op, {}, node.attrs as Readonly<Record<string, unknown>>, node.results[0]!.type));
