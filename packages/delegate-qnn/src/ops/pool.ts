import { tfl } from "@tflower/backend-tflite";
import type { OpDef } from "@tflower/core";
import { bool, dimsOf, u32s } from "../graph/qnn-graph-builder.ts";
import { defineMapping, type QnnMapping } from "./define-mapping.ts";
import { windowPadding } from "./window.ts";

const mapPool = (op: OpDef, qnn: string): QnnMapping<any> =>
  defineMapping(op as typeof tfl.maxPool2d, [qnn], (node, b) => {
    const { input } = node.operands;
    const a = node.attrs;
    const [, h, w] = dimsOf(input.type) as [number, number, number];
    const [, oh, ow] = dimsOf(node.result.type) as [number, number, number];
    const pads = [
      ...windowPadding(h, oh, a.filter_height, a.stride_h, 1, a.padding),
      ...windowPadding(w, ow, a.filter_width, a.stride_w, 1, a.padding),
    ];
    b.node(qnn, [b.of(input)], [b.of(node.result)], {
      ...(qnn === "PoolAvg2d" && { scalars: { count_pad_for_edges: bool(false) } }),
      tensors: {
        filter_size: u32s([a.filter_height, a.filter_width]),
        stride: u32s([a.stride_h, a.stride_w]),
        pad_amount: u32s(pads, [2, 2]),
      },
    });
  });

/** Windows over images. */
export const poolMappings: readonly QnnMapping<any>[] = [
  mapPool(tfl.averagePool2d, "PoolAvg2d"),
  mapPool(tfl.maxPool2d, "PoolMax2d"),
];
