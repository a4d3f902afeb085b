import { type Node, userFrame, type Value } from "@tflower/core";

/** A name of a value: its own, or that of the program's node it comes from. */
export const valueName = (v: Value): string | undefined =>
  v.name ?? v.producer?.locations.findLast((l) => l.id !== undefined)?.id;

/** What people call an op: `CONV_2D`. */
export const opName = (node: Node): string =>
  node.op.traits.tfl?.customCode ?? node.op.traits.tfl?.builtin ?? node.op.name;

/** Names of the ops among nodes, each once. */
export const opNames = (nodes: readonly Node[]): string => [...new Set(nodes.map(opName))].join(", ");

/** The same with how often each occurs: `2 ADD, 1 CAST`. */
export function opCounts(nodes: readonly Node[]): string {
  const counts = new Map<string, number>();
  for (const n of nodes) counts.set(opName(n), (counts.get(opName(n)) ?? 0) + 1);
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([op, n]) => `${n} ${op}`)
    .join(", ");
}

/** Module and Python line of a node, as far as they are known. */
export function whereOf(node: Node): string {
  const at = node.locations[0];
  const frame = at && userFrame(at);
  return [at?.module, frame && `${frame.file}:${frame.line}`].filter((x) => x !== undefined && x !== "").join("  ");
}
