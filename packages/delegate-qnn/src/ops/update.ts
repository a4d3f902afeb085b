import { tfl } from "@tflower/backend-tflite";
import { type TensorType, tensor } from "@tflower/core";
import { dimsOf, i32, i32s, type QnnGraphBuilder, u32 } from "../graph/qnn-graph-builder.ts";
import { refuse } from "../graph/refusal.ts";
import { defineMapping, type QnnMapping } from "./define-mapping.ts";
import { binaryOperations } from "./elementwise-operations.ts";

/** A pair of operands through one operation of `ElementWiseBinary`. */
function binary(
  b: QnnGraphBuilder,
  operation: keyof typeof binaryOperations,
  lhs: number,
  rhs: number,
  type: TensorType,
): number {
  const to = b.between(type);
  b.node("ElementWiseBinary", [lhs, rhs], [to], { scalars: { operation: u32(binaryOperations[operation]) } });
  return to;
}

/**
 * Writing at a place that is data, along one axis: each place of the result takes the element of the update that comes to lie there, or
 * keeps its own. Start indices that reach too far are moved back, as the kernel does.
 */
const mapDynamicUpdateSlice = defineMapping(
  tfl.dynamicUpdateSlice,
  ["StridedSlice", "ElementWiseBinary", "Gather", "ElementWiseSelect", "Reshape"],
  (node, b) => {
    const { operand, update, start_indices } = node.operands;
    if (start_indices.type.dtype !== "i32") refuse("its start indices are 64-bit integers", "make them 32-bit ones");
    const dims = dimsOf(operand.type);
    const part = dimsOf(update.type);
    const moving = dims.flatMap((d, i) => (part[i] !== d ? [i] : []));
    if (moving.length !== 1)
      refuse(`its update is smaller along ${moving.length} axes, and along one it can be put in its place`);
    const axis = moving[0]!;
    const extent = dims[axis]!;
    const length = part[axis]!;
    const scalar = tensor("i32", [1]);
    const row = tensor("i32", [extent]);
    const number = (n: number): number => b.numbers("i32", [1], [n]);
    const given = b.between(scalar);
    b.node("StridedSlice", [b.of(start_indices)], [given], {
      scalars: { begin_mask: u32(0), end_mask: u32(0), shrink_axes: u32(0), new_axes_mask: u32(0) },
      tensors: { ranges: i32s([axis, axis + 1, 1], [1, 3]) },
    });
    const start = binary(b, "minimum", binary(b, "maximum", given, number(0), scalar), number(extent - length), scalar);
    const places = b.numbers("i32", [extent], [...new Array(extent).keys()]);
    const from = binary(b, "subtract", places, start, row);
    const inside = binary(b, "minimum", binary(b, "maximum", from, number(0), row), number(length - 1), row);
    const isInside = binary(b, "equal", from, inside, tensor("bool", [extent]));
    const mask = b.between(
      tensor(
        "bool",
        dims.map((_, i) => (i === axis ? extent : 1)),
      ),
    );
    b.node("Reshape", [isInside], [mask]);
    const moved = b.between(operand.type);
    b.node("Gather", [b.of(update), inside], [moved], { scalars: { axis: i32(axis) } });
    b.node("ElementWiseSelect", [mask, moved, b.of(operand)], [b.of(node.result)]);
  },
);

/** Ops that write into a tensor at a place that is data. */
export const updateMappings: readonly QnnMapping<any>[] = [mapDynamicUpdateSlice];
