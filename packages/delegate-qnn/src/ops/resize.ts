import { tfl } from "@tflower/backend-tflite";
import { bool } from "../graph/qnn-graph-builder.ts";
import { refuse } from "../graph/refusal.ts";
import { defineMapping, type QnnMapping } from "./define-mapping.ts";

const resizing = (op: typeof tfl.resizeBilinear | typeof tfl.resizeNearestNeighbor, qnn: string): QnnMapping<any> =>
  defineMapping(op as typeof tfl.resizeBilinear, [qnn], (node, b) => {
    const { input, size } = node.operands;
    if (size) refuse("the size it gives is computed at run time", "export the program with static shapes");
    b.node(qnn, [b.of(input)], [b.of(node.result)], {
      scalars: {
        align_corners: bool(node.attrs.align_corners),
        half_pixel_centers: bool(node.attrs.half_pixel_centers),
      },
    });
  });

/** Images at another size. */
export const resizeMappings: readonly QnnMapping<any>[] = [
  resizing(tfl.resizeBilinear, "ResizeBilinear"),
  resizing(tfl.resizeNearestNeighbor, "ResizeNearestNeighbor"),
];
