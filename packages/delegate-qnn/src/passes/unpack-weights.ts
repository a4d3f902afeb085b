import { tfl } from "@tflower/backend-tflite";
import {
  appliedConstant,
  definePass,
  type Graph,
  mapOperands,
  Rewriter,
  type TensorType,
  tensor,
  type Value,
} from "@tflower/core";

const isFloat = (t: TensorType): boolean => t.dtype === "f32";

/** Constants that are stored as float16 or as integers, for ops that compute with floats. */
export function unpackWeightsIn(graph: Graph): void {
  const rewriter = new Rewriter(graph);
  const unpacked = (v: Value): Value =>
    graph.constant(appliedConstant(tfl.dequantize, { input: v.constant }, {}, tensor("f32", v.type.shape)), v.name);
  for (const n of [...graph.nodes]) {
    if (n.is(tfl.dequantize)) {
      const { input } = n.operands;
      if (input.constant && !graph.isOutput(n.result)) rewriter.replace(n, [unpacked(input)]);
      continue;
    }
    if (!n.op.traits.sumsProducts || !isFloat(n.result.type)) continue;
    if (!n.inputs.some((v) => v.constant && v.type.quant)) continue;
    rewriter.setOperands(
      n,
      mapOperands(n.operands_, (v) => (v.constant && v.type.quant ? unpacked(v) : v)),
    );
  }
}

/** See {@link unpackWeightsIn}. */
export const unpackWeights = definePass({
  name: "qnn-unpack-weights",
  summary: "Makes floats of weights that are stored as float16 or as integers and multiplied as floats.",
  scope: "graph",
  run: unpackWeightsIn,
});
