import { definePass, Rewriter, sameType } from "@tflower/core";

/** Removes quantizers that undo each other: QUANTIZE of DEQUANTIZE is nothing, or goes from scale to scale without floats. */
export const tidyQuantizers = definePass({
  name: "tidy-quantizers",
  summary: "Removes QUANTIZE of DEQUANTIZE, or makes one op of the two.",
  scope: "graph",
  run(graph, { compiler, count }) {
    const rewriter = new Rewriter(graph);
    for (const node of [...graph.nodes]) {
      if (node.op.traits.quantizer !== "quantize") continue;
      const behind = node.inputs[0]!.producer;
      if (behind?.op.traits.quantizer !== "dequantize") continue;
      const source = behind.inputs[0]!;
      const [result] = node.results;
      if (sameType(source.type, result!.type)) {
        rewriter.replace(node, [source]);
        count("undone");
        continue;
      }
      const use = { op: node.op, operands: { input: source }, attrs: node.attrs as never, results: [result!.type] };
      if (!source.type.quant || compiler.hooks.kernel.call(use)?.supported === false) continue;
      rewriter.setOperands(node, { ...node.operands_, input: source });
      count("rescaled");
    }
  },
});
