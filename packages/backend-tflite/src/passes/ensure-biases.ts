import { definePass, lowerOps, type OpDef, Rewriter, tensorData, type Value } from "@tflower/core";
import { conv2d, depthwiseConv2d } from "../dialect/convolution.ts";

const convolutions: readonly OpDef[] = [conv2d, depthwiseConv2d];

/** CONV_2D does not load without a bias, and XNNPACK takes neither convolution without one. */
export const ensureBiases = definePass({
  name: "ensure-biases",
  summary: "Gives convolutions without a bias one of zeros.",
  requires: [lowerOps],
  scope: "graph",
  run(graph) {
    const rewriter = new Rewriter(graph);
    for (const node of graph.nodes) {
      if (!convolutions.includes(node.op) || node.operands_["bias"]) continue;
      const channels = node.results[0]!.type.shape[3];
      const { dtype } = (node.operands_["input"] as Value).type;
      if (typeof channels !== "number" || dtype !== "f32") continue;
      const bias = rewriter.constant(tensorData("f32", [channels], new Float32Array(channels)));
      rewriter.setOperands(node, { ...node.operands_, bias });
    }
  },
});
