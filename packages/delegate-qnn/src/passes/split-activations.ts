import { tfl } from "@tflower/backend-tflite";
import { applyRules, definePass, defineRule, type Graph, type TensorType } from "@tflower/core";
import { rangeOf } from "../graph/encoding.ts";

const activations = {
  RELU: { op: tfl.relu, low: 0, high: Infinity },
  RELU6: { op: tfl.relu6, low: 0, high: 6 },
  RELU_N1_TO_1: { op: tfl.reluN1To1, low: -1, high: 1 },
} as const;

/** Whether the integers of a type reach no number that an activation would change, up to rounding. */
function implied(t: TensorType, low: number, high: number): boolean {
  const range = rangeOf(t);
  const half = (t.quant?.scales[0] ?? 0) / 2;
  return range !== undefined && range[0] >= low - half && range[1] <= high + half;
}

const splitActivation = defineRule({
  name: "split-activation",
  summary: "op{RELU}(x) = relu(op(x))",
  rewrite(node, rewriter) {
    const attrs = node.attrs as Readonly<Record<string, unknown>>;
    const kind = activations[attrs["fused_activation_function"] as keyof typeof activations];
    if (!kind || node.results.length !== 1) return false;
    const { type } = node.result;
    const place = { before: node };
    const plain = rewriter.create(
      node.op,
      node.operands_ as never,
      { ...attrs, fused_activation_function: "NONE" },
      { ...place, types: [type] },
    );
    const value = implied(type, kind.low, kind.high)
      ? plain.results[0]!
      : rewriter.create(kind.op, { input: plain.results[0]! }, {}, { ...place, types: [type] }).results[0]!;
    rewriter.replace(node, [value]);
    return true;
  },
});

/** QNN's ops have no activations of their own: they become nodes, but where the range of a quantized result says the same. */
export const splitActivationsIn = (graph: Graph): unknown => applyRules(graph, [splitActivation]);

/** See {@link splitActivationsIn}. */
export const splitActivations = definePass({
  name: "qnn-split-activations",
  summary: "Makes nodes of activations that are fused into other ops.",
  scope: "graph",
  run: (graph) => void splitActivationsIn(graph),
});
