import { appliedConstant, definePass, mapOperands, Rewriter, tensor } from "@tflower/core";
import { dequantize } from "../dialect/quantization.ts";
import { integerForm } from "./integer-form.ts";

/**
 * Weights that are integers in the program, and that passes have moved as the reals they stand for, become reals of moved integers: what
 * kernels take is then in plain sight.
 */
export const settleIntegerWeights = definePass({
  name: "settle-integer-weights",
  summary: "Brings weights that were integers back to the form DEQUANTIZE(integers).",
  scope: "graph",
  run(graph, { count }) {
    const rewriter = new Rewriter(graph);
    for (const node of graph.nodes) {
      let changed = false;
      const operands = mapOperands(node.operands_, (v) => {
        const c = v.constant;
        if (c?.kind !== "applied" || c.op.traits.quantizer === "dequantize") return v;
        const integers = integerForm(c);
        if (!integers) return v;
        changed = true;
        const reals = appliedConstant(dequantize, { input: integers }, {}, tensor("f32", c.type.shape));
        return rewriter.constant(reals, v.name);
      });
      if (!changed) continue;
      rewriter.setOperands(node, operands);
      count("integer-weights");
    }
  },
});
