import type { Node, Value } from "@tflower/core";
import type { resizeNearestNeighbor } from "../dialect/resize.ts";
import { nearestPlaces } from "../semantics/resizing.ts";

/** How often each row and each column is repeated, if that is all that a resize of static extents does. */
export function repetitions(node: Node<typeof resizeNearestNeighbor>): readonly [number, number] | undefined {
  if (node.operands_["size"]) return undefined;
  const { align_corners, half_pixel_centers } = node.attrs;
  const times = [1, 2].map((axis) => {
    const from = (node.operands.input as Value).type.shape[axis];
    const to = node.result.type.shape[axis];
    if (typeof from !== "number" || typeof to !== "number") return undefined;
    const k = to / from;
    return Number.isInteger(k) &&
      nearestPlaces(from, to, align_corners, half_pixel_centers).every((p, o) => p === Math.floor(o / k))
      ? k
      : undefined;
  });
  return times[0] !== undefined && times[1] !== undefined ? [times[0], times[1]] : undefined;
}
