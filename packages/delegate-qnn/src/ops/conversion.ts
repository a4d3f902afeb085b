import { tfl } from "@tflower/backend-tflite";
import { defineMapping, type QnnMapping } from "./define-mapping.ts";

const mapQuantize = defineMapping(
  tfl.quantize,
  ["Quantize", "Convert"],
  (node, b) => {
    const { input } = node.operands;
    b.node(input.type.quant ? "Convert" : "Quantize", [b.of(input)], [b.of(node.result)]);
  },
  { deep: true },
);
const mapDequantize = defineMapping(
  tfl.dequantize,
  ["Dequantize", "Cast"],
  (node, b) => {
    const { input } = node.operands;
    b.node(input.type.quant ? "Dequantize" : "Cast", [b.of(input)], [b.of(node.result)]);
  },
  { deep: true },
);
const mapCast = defineMapping(
  tfl.cast,
  ["Cast"],
  (node, b) => b.node("Cast", [b.of(node.operands.input)], [b.of(node.result)]),
  { deep: true },
);

/** Ops that change how numbers are held. */
export const conversionMappings: readonly QnnMapping<any>[] = [mapQuantize, mapDequantize, mapCast];
