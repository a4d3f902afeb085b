import { tfl } from "@tflower/backend-tflite";
import type { OpDef } from "@tflower/core";
import { bool, u32, u32s } from "../graph/qnn-graph-builder.ts";
import { refuse } from "../graph/refusal.ts";
import { axisFromFront, defineMapping, type QnnMapping } from "./define-mapping.ts";
import { binaryOperations } from "./elementwise-operations.ts";
import { addReversal } from "./slice.ts";

const reduction = (op: OpDef, qnn: string): QnnMapping<any> =>
  defineMapping(op as typeof tfl.mean, [qnn], (node, b) => {
    const { input } = node.operands;
    const axes = [...new Set(node.attrs.axes.map((a) => axisFromFront(a, input.type)))].sort((a, c) => a - c);
    if (!input.type.shape.length) refuse("a scalar has no axes to reduce over");
    // a rank of none is one element along one axis here
    const all = !node.attrs.keep_dims && axes.length === input.type.shape.length;
    const keep = node.attrs.keep_dims || (all && input.type.shape.length === 1);
    b.node(qnn, [b.of(input)], [b.of(node.result)], {
      scalars: { keep_dims: bool(keep) },
      tensors: { axes: u32s(axes) },
    });
  });

const arg = (op: OpDef, qnn: string): QnnMapping<any> =>
  defineMapping(op as typeof tfl.argMax, [qnn], (node, b) => {
    const { input } = node.operands;
    if (node.result.type.dtype !== "i32")
      refuse(`its result is ${node.result.type.dtype}, and the HTP gives 32-bit indices`, "narrow the output to int32");
    b.node(qnn, [b.of(input)], [b.of(node.result)], {
      scalars: {
        axis: u32(axisFromFront(node.attrs.axis, input.type)),
        keep_dims: bool(input.type.shape.length === 1),
      },
    });
  });

/** The HTP has kernels for sums from the first element to this one only; others follow from those. */
const mapCumsum = defineMapping(tfl.cumsum, ["CumulativeSum", "StridedSlice", "ElementWiseBinary"], (node, b) => {
  const { exclusive, reverse } = node.attrs;
  const { type } = node.result;
  const axis = axisFromFront(node.attrs.axis, type);
  let x = b.of(node.operands.input);
  if (reverse) {
    const turned = b.between(type);
    addReversal(b, x, [axis], turned);
    x = turned;
  }
  let y = exclusive || reverse ? b.between(type) : b.of(node.result);
  b.node("CumulativeSum", [x], [y], {
    scalars: { axis: u32(axis), exclusive: bool(false), reverse: bool(false) },
  });
  if (exclusive) {
    const before = reverse ? b.between(type) : b.of(node.result);
    b.node("ElementWiseBinary", [y, x], [before], { scalars: { operation: u32(binaryOperations.subtract) } });
    y = before;
  }
  if (reverse) addReversal(b, y, [axis], b.of(node.result));
});

const mapTopK = defineMapping(tfl.topkV2, ["TopK"], (node, b) => {
  const [values, indices] = node.results;
  const k = node.attrs.k;
  if (typeof k !== "number" || node.operands.k) refuse("how many elements it gives is computed at run time");
  b.node("TopK", [b.of(node.operands.input)], [b.of(values!), b.of(indices!)], { scalars: { k: u32(k as number) } });
});

/** Sums, means, extremes and their places. */
export const reductionMappings: readonly QnnMapping<any>[] = [
  reduction(tfl.mean, "ReduceMean"),
  reduction(tfl.sum, "ReduceSum"),
  reduction(tfl.reduceMax, "ReduceMax"),
  reduction(tfl.reduceMin, "ReduceMin"),
  arg(tfl.argMax, "Argmax"),
  arg(tfl.argMin, "Argmin"),
  mapCumsum,
  mapTopK,
];
