import { definePass, type Node, Rewriter, specializeGraphs, type Value } from "@tflower/core";
import { whileLoop } from "../dialect/higher-order.ts";

/** The target's loops have no captures: every value that the body reads goes round with the others, unchanged. */
export const settleLoops = definePass({
  name: "settle-loops",
  summary: "Makes what a loop captures a value that it carries.",
  after: [specializeGraphs],
  scope: "graph",
  run(graph) {
    const rewriter = new Rewriter(graph);
    for (const node of [...graph.nodes]) {
      if (!node.is(whileLoop)) continue;
      const { carried, additional } = node.operands;
      if (additional.length === 0) continue;
      const body = graph.module.find(node.attrs.body_graph)!;
      body.outputs = [...body.outputs, ...body.inputs.slice(carried.length)];
      const made = rewriter.create(whileLoop, { carried: [...carried, ...additional], additional: [] }, node.attrs, {
        before: node as unknown as Node,
        locations: node.locations,
        types: [...node.results, ...additional].map((v: Value) => v.type),
      });
      rewriter.replace(node as unknown as Node, made.results.slice(0, node.results.length));
    }
  },
});
