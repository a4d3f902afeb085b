import { attr, countOf, definePass, type Graph, isStaticShape, type Node, Rewriter, type Value } from "@tflower/core";
import { fullyConnected } from "../dialect/matmul.ts";
import { pad } from "../dialect/pad.ts";
import { slice } from "../dialect/slice.ts";
import { constantOf } from "./constant-of.ts";
import { countReaders } from "./count-readers.ts";
import { isMadeOfIntegers } from "./integer-form.ts";
import { halfForm } from "./keep-half-weights.ts";

/**
 * Columns that a kernel computes at once. With AVX-512, one to sixteen columns left over take a third of the time of a row again: 576 to
 * 2048 inputs to 1000 classes ran 1.3 to 1.55 times as long as to 1024.
 */
const tile = 32;
/** Up to this many rows the columns left over show; beyond, tiles of rows hide them. */
const mostRows = 16;

/**
 * Classifiers have a thousand classes, which is eight columns more than tiles hold. Exact: the columns that are added are cut off, and
 * the others are computed as before.
 */
export const padSmallHeads = definePass({
  name: "pad-small-heads",
  summary: "Pads the weights of layers with few rows to whole tiles of columns, and cuts the result.",
  options: {
    /** Elements of the smallest weights that are worth another op. */
    leastWeights: attr.int.default_(16_384),
  },
  scope: "module",
  run(module, { compiler, count, options }) {
    if (compiler.settings.target !== "cpu") return;
    const readers = countReaders(module);
    for (const graph of module.graphs)
      for (const node of [...graph.nodes]) {
        if (!node.is(fullyConnected)) continue;
        const layer = node as unknown as Node<typeof fullyConnected>;
        // a table that is looked up as well, or a layer of another signature: the file would hold them twice
        const shared = (readers.get(layer.operands.filter.constant?.key ?? "") ?? 0) > 1;
        if (!shared && padded(layer, graph, options.leastWeights)) count("small-head");
      }
  },
});

function padded(node: Node<typeof fullyConnected>, graph: Graph, leastWeights: number): boolean {
  const { input, filter, bias } = node.operands;
  const { shape } = node.result.type;
  const [columns, depth] = filter.type.shape as readonly [number, number];
  if (
    !filter.constant ||
    halfForm(filter.constant) ||
    isMadeOfIntegers(filter.constant) ||
    filter.type.dtype !== "f32" ||
    filter.type.quant ||
    (bias && !bias.constant)
  )
    return false;
  if (!isStaticShape(shape) || !isStaticShape(filter.type.shape) || countOf(shape.slice(0, -1)) > mostRows)
    return false;
  const left = columns % tile;
  if (left === 0 || left > tile / 2 || columns < tile / 2 || columns * depth < leastWeights) return false;
  const rewriter = new Rewriter(graph);
  const place = { before: node as never as Node, locations: node.locations };
  const more = tile - left;
  const whole = (v: Value, paddings: readonly number[]): Value =>
    constantOf(rewriter, pad, { input: v }, { paddings }, v.name);
  const wide = rewriter.emit(
    fullyConnected,
    { input, filter: whole(filter, [0, more, 0, 0]), bias: bias && whole(bias, [0, more]) },
    place,
    node.attrs,
  );
  rewriter.replace(node as never, [
    rewriter.emit(slice, { input: wide }, place, { begin: shape.map(() => 0), size: shape }),
  ]);
  return true;
}
