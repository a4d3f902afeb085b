import { attr, dataOf, definePass, type Graph, isStaticShape, type Node, Rewriter, type Value } from "@tflower/core";
import { gather } from "../dialect/gather.ts";
import { concatenation } from "../dialect/join.ts";
import { reshape, transpose } from "../dialect/layout.ts";
import { slice } from "../dialect/slice.ts";
import { cpuCosts } from "./kernel-costs.ts";
import { rewriteEach } from "./rewrite-each.ts";

/** Elements behind the axis from which on a gather copies whole rows, and is as fast as slices. */
const wholeRow = 8;

/**
 * Overlapping windows along an axis are so many shifted slices of it, one for each place in the window. GATHER moves them element by
 * element where the axis is one of the last. Exact.
 */
export const expandWindowGathers = definePass({
  name: "expand-window-gathers",
  summary: "Takes overlapping windows of an axis by slices instead of a gather.",
  options: { enabled: attr.bool.default_(true) },
  scope: "graph",
  run(graph, context) {
    if (!context.options.enabled || context.compiler.settings.target !== "cpu") return;
    rewriteEach(graph, gather, context, "expand-window-gather", (node) => expand(node, graph));
  },
});

/** Windows of `size` elements, each one element behind the one before it. */
interface Windows {
  readonly first: number;
  readonly size: number;
  readonly count: number;
}
function windowsOf(indices: readonly number[]): Windows | undefined {
  const size = indices.findIndex((x, i) => i > 0 && x !== indices[i - 1]! + 1);
  if (size < 2 || indices.length % size !== 0) return undefined;
  const first = indices[0]!;
  return indices.every((x, i) => x === first + Math.floor(i / size) + (i % size))
    ? { first, size, count: indices.length / size }
    : undefined;
}

function expand(node: Node<typeof gather>, graph: Graph): void {
  const { params, indices } = node.operands as { params: Value; indices: Value };
  const data = dataOf(indices);
  const { shape } = params.type;
  if (!data || indices.type.shape.length !== 1 || node.attrs.batch_dims !== 0 || params.type.dtype !== "f32") return;
  if (!isStaticShape(shape) || shape.length === 0) return;
  const axis = node.attrs.axis < 0 ? node.attrs.axis + shape.length : node.attrs.axis;
  const windows = windowsOf(Array.from(data.data, Number));
  const product = (extents: readonly number[]): number => extents.reduce((a, b) => a * b, 1);
  const [lead, rest] = [product(shape.slice(0, axis)), product(shape.slice(axis + 1))];
  if (!windows || windows.size > cpuCosts.concatenated || rest >= wholeRow) return;
  const { first, size, count } = windows;
  const rewriter = new Rewriter(graph);
  const place = { before: node as unknown as Node, locations: node.locations };
  const flat = rewriter.emit(reshape, { input: params }, place, { shape: [lead, 1, shape[axis]!, rest] });
  const values = Array.from({ length: size }, (_, t) =>
    rewriter.emit(slice, { input: flat }, place, { begin: [0, 0, first + t, 0], size: [lead, 1, count, rest] }),
  );
  const places = rewriter.emit(concatenation, { values }, place, { axis: 1 });
  const turned = rewriter.emit(transpose, { input: places }, place, { perm: [0, 2, 1, 3] });
  const to = node.result.type.shape;
  rewriter.replace(node as never, [rewriter.emit(reshape, { input: turned }, place, { shape: to })]);
}
