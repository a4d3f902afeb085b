import { scalarData } from "../eval/tensor-data.ts";
import { showDim } from "../ir/dim.ts";
import type { Node } from "../ir/node.ts";
import { definePass } from "../pass/define-pass.ts";
import { convertGraph, type LowerContext } from "../rewrite/convert.ts";

/** Lowers every node that is not legal, by the compiler's lowerings; reports all that have none. */
export const lowerOps = definePass({
  name: "lower-ops",
  summary: "Replaces every op that the target does not have by ops that it has.",
  scope: "graph",
  run(graph, { compiler, report }) {
    const lowerers = new Map<string, ReturnType<typeof compiler.lowererOf>>();
    const lower = (node: Node, context: LowerContext): ReturnType<ReturnType<typeof compiler.lowererOf>> => {
      const name = node.op.name;
      let f = lowerers.get(name);
      if (!f) {
        f = compiler.lowererOf(name);
        lowerers.set(name, f);
      }
      return f(node, context);
    };
    const problems = convertGraph(graph, {
      settings: compiler.settings,
      legal: (node) => compiler.hooks.legal.call(node) ?? false,
      lower,
      dim(d, emit, node) {
        if (typeof d === "number") return emit.constant(scalarData("i32", d));
        const v = compiler.hooks.dim.call(d, emit, node);
        if (!v) throw new RangeError(`nothing in use can compute the extent ${showDim(d)} at run time`);
        return v;
      },
    });
    for (const p of problems) report(p);
  },
});
