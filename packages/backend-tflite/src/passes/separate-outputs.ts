import { definePass, lowerOps, Rewriter, sizeOf, type Value } from "@tflower/core";
import { reshape } from "../dialect/layout.ts";
import { slice } from "../dialect/slice.ts";

/** Axes that the kernel of SLICE has loops for. */
const maxSliced = 5;

/**
 * A constant's elements in a tensor that a kernel writes at each run. RESHAPE does not: it makes a constant of what it makes of a
 * constant, and runtimes that bind output buffers of their own then give out memory that nobody has written.
 */
function copyOfConstant(rewriter: Rewriter, v: Value): Value {
  const rank = v.type.shape.length;
  if (rank > 0 && rank <= maxSliced)
    return rewriter.emit(slice, { input: v }, {}, { begin: v.type.shape.map(() => 0), size: v.type.shape });
  const size = [sizeOf(v.type.shape)];
  const list = rewriter.emit(reshape, { input: v }, {}, { shape: size });
  return rewriter.emit(
    reshape,
    { input: rewriter.emit(slice, { input: list }, {}, { begin: [0], size }) },
    {},
    { shape: v.type.shape },
  );
}

/**
 * Gives each output a tensor of its own. The runtime binds outputs by tensor: one that is also an input, a constant, or another
 * output would be one buffer under two names. One that its kernel allocates late is copied into a tensor that is there from the start.
 */
export const separateOutputs = definePass({
  name: "separate-outputs",
  summary: "Copies outputs that are inputs, constants, the same value twice, or allocated by their kernel.",
  requires: [lowerOps],
  scope: "graph",
  run(graph) {
    const rewriter = new Rewriter(graph);
    const seen = new Set<Value>(graph.inputs);
    graph.outputs = graph.outputs.map((v) => {
      if (!v.constant && !seen.has(v) && !v.producer?.op.traits.allocatesResult) {
        seen.add(v);
        return v;
      }
      if (v.constant) return copyOfConstant(rewriter, v);
      return rewriter.emit(reshape, { input: v }, v.producer ? { locations: v.producer.locations } : {}, {
        shape: v.type.shape,
      });
    });
  },
});
