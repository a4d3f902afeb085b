import { definePass } from "../pass/define-pass.ts";
import { Rewriter } from "../rewrite/rewriter.ts";

/** Drops nodes whose results nobody reads, last first. */
export const eliminateDeadCode = definePass({
  name: "eliminate-dead-code",
  summary: "Drops nodes without effects whose results nobody reads.",
  scope: "graph",
  run(graph) {
    const rewriter = new Rewriter(graph);
    const outputs = new Set([
      ...graph.outputs,
      ...graph.states.map((s) => s.next),
      ...graph.inputMutations.map((m) => m.next),
    ]);
    for (const node of [...graph.nodes].reverse())
      if (!node.op.traits.effects && node.results.every((r) => r.users.size === 0 && !outputs.has(r)))
        rewriter.erase(node);
  },
});
