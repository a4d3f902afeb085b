import { definePass, Rewriter, type Value } from "@tflower/core";
import { reshape } from "../dialect/layout.ts";

/**
 * Gives each output a tensor of its own. The runtime binds outputs by tensor: one that is also an input, a constant, or another
 * output would be one buffer under two names.
 */
export const separateOutputs = definePass({
  name: "separate-outputs",
  summary: "Copies outputs that are inputs, constants, or the same value twice.",
  scope: "graph",
  run(graph) {
    const rewriter = new Rewriter(graph);
    const seen = new Set<Value>(graph.inputs);
    graph.outputs = graph.outputs.map((v) => {
      if (!v.constant && !seen.has(v)) {
        seen.add(v);
        return v;
      }
      return rewriter.emit(reshape, { input: v }, v.producer ? { locations: v.producer.locations } : {}, { shape: v.type.shape });
    });
  },
});
