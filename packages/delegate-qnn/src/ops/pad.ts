import { tfl } from "@tflower/backend-tflite";
import { residentData, type TensorType, type Value } from "@tflower/core";
import type { QnnScalar } from "../graph/qnn-graph.ts";
import { f32, i32, type QnnGraphBuilder, type QnnParameters, u32, u32s } from "../graph/qnn-graph-builder.ts";
import { refuse } from "../graph/refusal.ts";
import { defineMapping, type QnnMapping } from "./define-mapping.ts";

/** Schemes of `Pad`. */
const scheme = { constant: 0, symmetric: 1, reflect: 2 } as const;

function addPad(
  b: QnnGraphBuilder,
  input: Value,
  result: Value,
  paddings: readonly unknown[],
  computed: Value | undefined,
  scalars: QnnParameters["scalars"],
): void {
  if (computed) refuse("how much it pads is computed at run time", "export the program with static shapes");
  const amounts = paddings as readonly number[];
  if (amounts.some((p) => p < 0)) refuse("it cuts by padding a negative number of elements", "slice instead");
  b.node("Pad", [b.of(input)], [b.of(result)], {
    scalars: { ...scalars },
    tensors: { pad_amount: u32s(amounts, [amounts.length / 2, 2]) },
  });
}

/** The constant of a padding, in the integers of the tensor where it is quantized. */
const padValue = (t: TensorType, value: number): QnnScalar => (t.quant || t.dtype !== "f32" ? i32(value) : f32(value));

const mapPad = defineMapping(tfl.pad, ["Pad"], (node, b) => {
  const { input, paddings } = node.operands;
  addPad(b, input, node.result, node.attrs.paddings, paddings, {
    scheme: u32(scheme.constant),
    pad_constant_value: padValue(input.type, input.type.quant?.zeroPoints[0] ?? 0),
  });
});
const mapPadV2 = defineMapping(tfl.padV2, ["Pad"], (node, b) => {
  const { input, paddings, constant_values } = node.operands;
  const value = constant_values.constant && residentData(constant_values.constant)?.data[0];
  if (value === undefined) refuse("what it pads with is computed at run time");
  addPad(b, input, node.result, node.attrs.paddings, paddings, {
    scheme: u32(scheme.constant),
    pad_constant_value: padValue(input.type, Number(value)),
  });
});
const mapMirrorPad = defineMapping(tfl.mirrorPad, ["Pad"], (node, b) => {
  const { input, paddings } = node.operands;
  addPad(b, input, node.result, node.attrs.paddings, paddings, {
    scheme: u32(node.attrs.mode === "REFLECT" ? scheme.reflect : scheme.symmetric),
  });
});

/** Borders. */
export const padMappings: readonly QnnMapping<any>[] = [mapPad, mapPadV2, mapMirrorPad];
