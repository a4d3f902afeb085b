import { type Node, userFrame } from "@tflower/core";

/** What people call an op: `CONV_2D`. */
export const opName = (node: Node): string =>
  node.op.traits.tfl?.customCode ?? node.op.traits.tfl?.builtin ?? node.op.name;

/** Module and Python line of a node, as far as they are known. */
export function whereOf(node: Node): string {
  const at = node.locations[0];
  const frame = at && userFrame(at);
  return [at?.module, frame && `${frame.file}:${frame.line}`].filter((x) => x !== undefined && x !== "").join("  ");
}
