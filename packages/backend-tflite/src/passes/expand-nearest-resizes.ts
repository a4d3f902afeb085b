import {
  attr,
  definePass,
  type Graph,
  isStaticShape,
  type Node,
  Rewriter,
  tensorData,
  type Value,
} from "@tflower/core";
import { mul } from "../dialect/elementwise-binary.ts";
import { reshape } from "../dialect/layout.ts";
import { resizeNearestNeighbor } from "../dialect/resize.ts";
import { repetitions } from "./repetitions.ts";
import { rewriteEach } from "./rewrite-each.ts";

/**
 * An image whose pixels are repeated is the product of it, with an axis of one element behind each of the two, and ones: delegates take
 * products, and no RESIZE_NEAREST_NEIGHBOR. Exact, NaN and infinities included.
 */
export const expandNearestResizes = definePass({
  name: "expand-nearest-resizes",
  summary: "Repeats pixels by a product with ones.",
  options: { enabled: attr.bool.default_(true) },
  scope: "graph",
  run(graph, context) {
    if (!context.options.enabled || context.compiler.settings.target !== "cpu") return;
    rewriteEach(graph, resizeNearestNeighbor, context, "expand-nearest-resize", (node) => expand(node, graph));
  },
});

function expand(node: Node<typeof resizeNearestNeighbor>, graph: Graph): void {
  const input = node.operands.input as Value;
  const times = repetitions(node);
  if (!times || input.type.dtype !== "f32" || !isStaticShape(input.type.shape)) return;
  const [n, h, w, c] = input.type.shape as unknown as readonly [number, number, number, number];
  const rewriter = new Rewriter(graph);
  const place = { before: node as never, locations: node.locations };
  const apart = rewriter.emit(reshape, { input }, place, { shape: [n * h, 1, w, 1, c] });
  const ones = tensorData("f32", [1, times[0], 1, times[1], 1], new Float32Array(times[0] * times[1]).fill(1));
  const repeated = rewriter.emit(mul, { lhs: apart, rhs: rewriter.constant(ones) }, place, {});
  const shape = node.result.type.shape;
  rewriter.replace(node as never, [rewriter.emit(reshape, { input: repeated }, place, { shape })]);
}
