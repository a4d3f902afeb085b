import type { Graph } from "../ir/graph.ts";
import type { Value } from "../ir/value.ts";
import { showAttr } from "../op/attr.ts";
import type { Attrs } from "../op/define-op.ts";
import { definePass } from "../pass/define-pass.ts";
import { Rewriter } from "../rewrite/rewriter.ts";

/** Replaces a node that computes what an earlier one has computed. */
export const mergeCommonSubexpressions = definePass({
  name: "merge-common-subexpressions",
  summary: "Replaces a node that computes what an earlier node has computed.",
  scope: "graph",
  run: (graph) => mergeIn(graph),
});

function mergeIn(graph: Graph): void {
  const rewriter = new Rewriter(graph);
  const ids = new Map<Value, string>();
  const constants = new Map<string, string>();
  const id = (v: Value | undefined): string => {
    if (!v) return "none";
    let s = ids.get(v);
    if (s === undefined) {
      if (v.constant) {
        s = constants.get(v.constant.key) ?? `c${constants.size}`;
        constants.set(v.constant.key, s);
      } else s = `v${ids.size}`;
      ids.set(v, s);
    }
    return s;
  };
  const seen = new Map<string, readonly Value[]>();
  const outputs = new Set(graph.outputs);
  for (const node of graph.nodes) {
    if (node.op.traits.effects || node.op.traits.random) continue;
    const operands = Object.values(node.operands_).map((v) =>
      Array.isArray(v) ? `(${v.map(id).join()})` : id(v as Value | undefined),
    );
    const attrs = Object.entries(node.op.attrs as Attrs).map(([k, a]) =>
      showAttr(a, (node.attrs as Record<string, unknown>)[k]),
    );
    const key = `${node.op.name}|${operands.join(";")}|${attrs.join(";")}`;
    const before = seen.get(key);
    if (!before) seen.set(key, node.results);
    // two outputs that are equal stay two tensors: callers hold them apart by name
    else if (!node.results.some((r, i) => outputs.has(r) && outputs.has(before[i]!))) rewriter.replace(node, before);
  }
}
