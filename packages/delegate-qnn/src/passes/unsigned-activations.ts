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
import { toUnsigned16 } from "./constant-ops.ts";

const half = 32768;
const isSigned = (t: TensorType): boolean => t.dtype === "i16" && t.quant !== undefined;
const unsigned = (t: TensorType): TensorType =>
  tensor("u16", t.shape, {
    ...t.quant!,
    zeroPoints: t.quant!.scales.map((_, i) => (t.quant!.zeroPoints[i] ?? 0) + half),
  });

/**
 * Makes quantized 16-bit activations unsigned. The HTP's depthwise convolutions, clamped activations and others take no signed ones; an
 * unsigned integer with an offset of 32768 stands for the same number. Callers bind what they did before: conversions stand at the
 * inputs and outputs.
 */
export function unsignActivationsIn(graph: Graph): void {
  const outputs = graph.outputs.map((v) => v.type);
  const values = new Set<Value>(graph.inputs);
  for (const n of graph.nodes) for (const v of [...n.inputs, ...n.results]) values.add(v);
  if (![...values].some((v) => isSigned(v.type))) return;
  const rewriter = new Rewriter(graph);
  for (const n of graph.nodes)
    rewriter.setOperands(
      n,
      mapOperands(n.operands_, (v) =>
        v.constant && isSigned(v.type)
          ? graph.constant(appliedConstant(toUnsigned16, { input: v.constant }, {}, unsigned(v.type)), v.name)
          : v,
      ),
    );
  for (const v of values) if (!v.constant && isSigned(v.type) && !graph.inputs.includes(v)) v.type = unsigned(v.type);
  for (const v of graph.inputs)
    if (isSigned(v.type) && v.users.size)
      rewriter.putBehindInput(
        v,
        (place) => rewriter.create(tfl.quantize, { input: v }, {}, { ...place, types: [unsigned(v.type)] }).results[0]!,
      );
  graph.outputs = graph.outputs.map((v, i) =>
    isSigned(outputs[i]!) && !isSigned(v.type)
      ? rewriter.create(tfl.quantize, { input: v }, {}, { types: [outputs[i]!] }).results[0]!
      : v,
  );
}

/** See {@link unsignActivationsIn}. */
export const unsignActivations = definePass({
  name: "qnn-unsign-activations",
  summary: "Makes quantized 16-bit activations unsigned, with an offset of 32768.",
  scope: "graph",
  run: unsignActivationsIn,
});
