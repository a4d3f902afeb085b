import { appliedConstant, definePass, type Graph, mapOperands, Rewriter, tensor } from "@tflower/core";
import { narrowToInt32 } from "./constant-ops.ts";

/** Biases of 16-bit activations are 64-bit integers in TFLite; the HTP adds 32-bit ones. */
export function narrowBiasesIn(graph: Graph): void {
  const rewriter = new Rewriter(graph);
  for (const n of graph.nodes) {
    if (!n.inputs.some((v) => v.constant && v.type.dtype === "i64" && v.type.quant)) continue;
    rewriter.setOperands(
      n,
      mapOperands(n.operands_, (v) =>
        v.constant && v.type.dtype === "i64" && v.type.quant
          ? graph.constant(
              appliedConstant(narrowToInt32, { input: v.constant }, {}, tensor("i32", v.type.shape, v.type.quant)),
              v.name,
            )
          : v,
      ),
    );
  }
}

/** See {@link narrowBiasesIn}. */
export const narrowBiases = definePass({
  name: "qnn-narrow-biases",
  summary: "Makes 64-bit biases 32-bit ones; a number that does not fit is an error when it is written.",
  scope: "graph",
  run: narrowBiasesIn,
});
