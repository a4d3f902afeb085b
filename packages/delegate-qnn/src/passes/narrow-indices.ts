import { tfl } from "@tflower/backend-tflite";
import { definePass, type Graph, isStatic, type Node, Rewriter, type Value } from "@tflower/core";

/** Operands that hold places in a tensor whose extents are known, so that 32 bits hold each that is valid. */
function indexOperand(n: Node): Value | undefined {
  const v = n.is(tfl.gather) || n.is(tfl.gatherNd) ? n.operands.indices : undefined;
  const fits = n.is(tfl.gather) || n.is(tfl.gatherNd) ? n.operands.params.type.shape.every(isStatic) : false;
  return v && fits && v.type.dtype === "i64" ? v : undefined;
}

/** The HTP takes 32-bit indices. An index that does not fit would lie outside of the tensor, which is an error anyway. */
export function narrowIndicesIn(graph: Graph): void {
  const rewriter = new Rewriter(graph);
  for (const n of [...graph.nodes]) {
    const indices = indexOperand(n);
    if (!indices) continue;
    const narrow = rewriter.create(tfl.cast, { input: indices }, { out_data_type: "i32" }, { before: n }).results[0]!;
    rewriter.setOperands(n, { ...n.operands_, indices: narrow });
  }
}

/** See {@link narrowIndicesIn}. */
export const narrowIndices = definePass({
  name: "qnn-narrow-indices",
  summary: "Makes 64-bit indices 32-bit ones.",
  scope: "graph",
  run: narrowIndicesIn,
});
