import { definePass, Rewriter, type Value } from "@tflower/core";
import { reshape } from "../dialect/layout.ts";

/**
 * Gives each output a tensor of its own. The runtime binds outputs by tensor: one that is also an input, a constant, or another
 * output would be one buffer under two names. One that its kernel allocates late is copied into a tensor that is there from the start.
 */
export const separateOutputs = definePass({
  name: "separate-outputs",
  summary: "Copies outputs that are inputs, constants, the same value twice, or allocated by their kernel.",
  scope: "graph",
  run(graph) {
    const rewriter = new Rewriter(graph);
    const seen = new Set<Value>(graph.inputs);
    graph.outputs = graph.outputs.map((v) => {
      if (!v.constant && !seen.has(v) && !v.producer?.op.traits.allocatesResult) {
        seen.add(v);
        return v;
      }
      return rewriter.emit(reshape, { input: v }, v.producer ? { locations: v.producer.locations } : {}, {
        shape: v.type.shape,
      });
    });
  },
});
