import { tfl } from "@tflower/backend-tflite";
import { countOf, type TensorType, tensor, type Value } from "@tflower/core";
import { bool, dimsOf, reshaped } from "../graph/qnn-graph-builder.ts";
import { refuse } from "../graph/refusal.ts";
import { biasOf } from "./convolution.ts";
import { defineMapping } from "./define-mapping.ts";

export const mapFullyConnected = defineMapping(
  tfl.fullyConnected,
  ["FullyConnected", "MatMul", "Reshape"],
  (node, b) => {
    const { input, filter, bias } = node.operands;
    if (node.attrs.weights_format !== "DEFAULT")
      refuse(`its weights are shuffled for one kernel (${node.attrs.weights_format})`, "write them as they are");
    const [o, i] = dimsOf(filter.type) as [number, number];
    const out = dimsOf(node.result.type);
    if (!filter.constant) {
      // weights that are computed are an operand like another
      if (bias) refuse("its filter is computed, and a product of matrices takes no bias", "add the bias by an ADD");
      if (out.length !== input.type.shape.length) refuse("its filter is computed, and its input is flattened");
      b.node("MatMul", [b.of(input), b.of(filter)], [b.of(node.result)], {
        scalars: { transpose_in0: bool(false), transpose_in1: bool(true) },
      });
      return;
    }
    const rows = countOf(dimsOf(input.type)) / i;
    const flat = out.length === 2;
    const result = flat ? b.of(node.result) : b.between(reshaped(node.result.type, [rows, o]));
    b.node(
      "FullyConnected",
      [b.of(input), b.constant(filter.constant, filter.type, "filter"), ...biasOf(b, bias, o)],
      [result],
    );
    if (!flat) b.node("Reshape", [result], [b.of(node.result)]);
  },
);

const isWide = (v: Value): boolean => v.type.quant !== undefined && (v.type.dtype === "u16" || v.type.dtype === "i16");

/**
 * The HTP multiplies 16-bit activations by 8-bit ones, and not by one another: as attention does. Those go through floats, whose products
 * are off by what float16 rounds.
 */
export const mapBatchMatmul = defineMapping(tfl.batchMatmul, ["MatMul", "Dequantize", "Quantize"], (node, b) => {
  const { x, y } = node.operands;
  const scalars = { transpose_in0: bool(node.attrs.adj_x), transpose_in1: bool(node.attrs.adj_y) };
  if (!isWide(x) || !isWide(y)) {
    b.node("MatMul", [b.of(x), b.of(y)], [b.of(node.result)], { scalars });
    return;
  }
  const float = (v: Value): TensorType => tensor("f32", v.type.shape);
  const asFloat = (v: Value): number => {
    const to = b.between(float(v));
    b.node("Dequantize", [b.of(v)], [to]);
    return to;
  };
  const product = b.between(float(node.result));
  b.node("MatMul", [asFloat(x), asFloat(y)], [product], { scalars });
  b.node("Quantize", [product], [b.of(node.result)]);
});
