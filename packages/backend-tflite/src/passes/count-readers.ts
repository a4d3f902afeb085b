import type { Module } from "@tflower/core";

/** How many operands in the module's graphs are each constant, by key: what changes one that others read too writes it twice. */
export function countReaders(module: Module): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const g of module.graphs)
    for (const node of g.nodes)
      for (const v of node.inputs) if (v.constant) counts.set(v.constant.key, (counts.get(v.constant.key) ?? 0) + 1);
  return counts;
}
