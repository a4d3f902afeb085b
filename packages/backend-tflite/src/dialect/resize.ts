import { attr, type Dim, operand, withShape } from "@tflower/core";
import { extentsOf } from "../semantics/axes.ts";
import { resizeBilinearCodes } from "../semantics/integer/resize.ts";
import { iota, pickAlong } from "../semantics/movement.ts";
import { staticType } from "../semantics/pointwise.ts";
import { nearestPlaces, resizeBilinearly } from "../semantics/resizing.ts";
import { defineTfl, runtimeI32 } from "./define-tfl.ts";

const operands = { input: operand.rank(4), size: runtimeI32 } as const;
const attrs = {
  size: attr.dims,
  align_corners: attr.bool.default_(false),
  half_pixel_centers: attr.bool.default_(false),
} as const;

export const resizeBilinear = defineTfl("RESIZE_BILINEAR", {
  summary: "An NHWC image at another `[height, width]`, interpolated between pixels.",
  options: "ResizeBilinearOptions",
  operands,
  attrs,
  parameters: { size: "list" },
  infer: ({ input }, { size }) => withShape(input, [input.shape[0]!, size[0] as Dim, size[1] as Dim, input.shape[3]!]),
  evaluate: ({ input }, { align_corners, half_pixel_centers }, [type]) =>
    resizeBilinearly(staticType(type!), input, align_corners, half_pixel_centers),
  evaluateQuantized: resizeBilinearCodes,
});

export const resizeNearestNeighbor = defineTfl("RESIZE_NEAREST_NEIGHBOR", {
  summary: "An NHWC image at another `[height, width]`, each pixel taken from a near one.",
  options: "ResizeNearestNeighborOptions",
  operands,
  attrs,
  parameters: { size: "list" },
  movesElements: true,
  infer: ({ input }, { size }) => withShape(input, [input.shape[0]!, size[0] as Dim, size[1] as Dim, input.shape[3]!]),
  evaluate({ input }, { align_corners, half_pixel_centers }, [type]) {
    const [n, h, w, c] = extentsOf(input) as [number, number, number, number];
    const [, oh, ow] = staticType(type!).shape as unknown as [number, number, number];
    const places = (from: number, to: number): number[] => nearestPlaces(from, to, align_corners, half_pixel_centers);
    return pickAlong(type!, input, [iota(n), places(h, oh), places(w, ow), iota(c)]);
  },
});
