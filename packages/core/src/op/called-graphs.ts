import type { Module } from "../ir/module.ts";
import type { Node } from "../ir/node.ts";
import type { Attr } from "./attr.ts";
import type { Attrs } from "./define-op.ts";

/** Names of the graphs that a node's attributes refer to, in the order of its declaration. */
export function calledGraphs(node: Node): readonly string[] {
  const given = node.attrs as Readonly<Record<string, unknown>>;
  return Object.entries(node.op.attrs as Attrs).flatMap(([k, spec]) => namesIn(spec, given[k]));
}
function namesIn(spec: Attr<any>, value: unknown): readonly string[] {
  if (value === undefined) return [];
  if (spec.kind === "graph") return [value as string];
  return spec.of && Array.isArray(value) ? value.flatMap((v) => namesIn(spec.of!, v)) : [];
}

/** Names of the graphs that a module's signatures reach, graphs inside graphs included. */
export function reachableGraphs(module: Module): ReadonlySet<string> {
  const out = new Set(module.signatures.map((s) => s.graph));
  // a set gives what is added while it is gone through
  for (const name of out)
    for (const node of module.find(name)?.nodes ?? []) for (const called of calledGraphs(node)) out.add(called);
  return out;
}
