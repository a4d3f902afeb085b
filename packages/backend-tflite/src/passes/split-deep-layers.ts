import {
  attr,
  countOf,
  decisionOn,
  definePass,
  type Graph,
  isStaticShape,
  type Node,
  type OpDef,
  type PassContext,
  Rewriter,
  type Value,
} from "@tflower/core";
import { conv2d } from "../dialect/convolution.ts";
import { add } from "../dialect/elementwise-binary.ts";
import { fullyConnected } from "../dialect/matmul.ts";
import { pad } from "../dialect/pad.ts";
import { slice } from "../dialect/slice.ts";
import { constantOf } from "./constant-of.ts";
import { countReaders } from "./count-readers.ts";
import { cpuCosts } from "./kernel-costs.ts";

/** Channels of a part are a multiple of this, as vectors are. */
const lane = 16;
/** With fewer rows, weights are read once whatever their layout. */
const leastRows = 8;
/** What is saved, at least: 0.13 to 0.4 of the time in eleven shapes of 7168 to 18432 summands. */
const saving = 0.13;

/**
 * `layer(x, w) = sum over parts of the channels of layer(part of x, part of w)`. A kernel multiplies tiles of seven rows by panels of 32
 * columns; where both hold more than the second cache, they are fetched again and again: at 8192 summands, layers took 1.45 to 1.6 times
 * as long as two of 4096. Changes the order of a sum, to the better.
 */
export const splitDeepLayers = definePass({
  name: "split-deep-layers",
  summary: "Splits layers and convolutions with very many summands into sums of two or more.",
  options: {
    /** Summands that a panel of weights may have: 39 floats of each fit in a second cache of 1 MiB. A number that no layer reaches turns the pass off. */
    mostDepth: attr.int.default_(6144),
  },
  scope: "module",
  run(module, { compiler, count, decide, options }) {
    // weights of fewer bits are a fraction as large, and fit the cache as they are
    if (compiler.settings.target !== "cpu" || compiler.settings.quantize) return;
    const readers = countReaders(module);
    for (const graph of module.graphs)
      for (const node of [...graph.nodes]) {
        const filter = node.operands_["filter"] as Value | undefined;
        // weights that others read too would be in the file whole and in parts
        if (!filter?.constant || readers.get(filter.constant.key) !== 1) continue;
        if (node.op !== (fullyConnected as OpDef) && node.op !== (conv2d as OpDef)) continue;
        if (split(node, filter, graph, options.mostDepth, decide)) count("deep-layer");
      }
  },
});

/** Into how many parts of equal width; `undefined` where channels do not divide. */
function partsOf(channels: number, depth: number, mostDepth: number): number | undefined {
  for (let n = Math.ceil(depth / mostDepth); n <= 8; n++) if (channels % (n * lane) === 0) return n;
  return undefined;
}

function split(node: Node, filter: Value, graph: Graph, mostDepth: number, decide: PassContext["decide"]): boolean {
  const { input, bias } = node.operands_ as { readonly input: Value; readonly bias?: Value };
  const to = node.results[0]!.type.shape;
  const { shape } = input.type;
  const weights = filter.type.shape;
  if (filter.type.dtype !== "f32" || filter.type.quant || !isStaticShape(to) || !isStaticShape(shape)) return false;
  if (!isStaticShape(weights)) return false;
  const [columns, ...inner] = weights as readonly [number, ...number[]];
  const channels = inner.at(-1)!;
  const depth = countOf(inner);
  const rows = countOf(to) / columns;
  if (depth <= mostDepth || shape.at(-1) !== channels || rows < leastRows) return false;
  const n = partsOf(channels, depth, mostDepth);
  const moved = countOf(shape) + 2 * ((n ?? 1) - 1) * countOf(to);
  const [won, lost] = [saving * rows * depth * columns, cpuCosts.move * moved + 3 * (n ?? 1) * cpuCosts.op];
  const taken = n !== undefined && won >= lost;
  decide(() => {
    const whole = rows * depth * columns;
    const forms = [
      { name: "whole", cost: whole },
      { name: `${n ?? "no"} parts`, cost: n ? whole - won + lost : whole },
    ];
    return decisionOn(node, forms, taken ? forms[1]!.name : "whole");
  });
  if (!taken) return false;
  const rewriter = new Rewriter(graph);
  const place = { before: node, locations: node.locations };
  const attrs = node.attrs as { readonly fused_activation_function: string };
  const width = channels / n;
  const part = (v: Value, i: number): Value => {
    const own = v.type.shape as readonly number[];
    const taken = { begin: own.map((_, k) => (k === own.length - 1 ? i * width : 0)), size: own.with(-1, width) };
    return v.constant
      ? constantOf(rewriter, slice, { input: v }, taken, v.name)
      : rewriter.emit(slice, { input: v }, place, taken);
  };
  // a pad is a part of the convolution behind it, as long as nothing comes between the two
  const framed = input.producer?.is(pad) ? (input.producer as Node<typeof pad>) : undefined;
  const frame = framed && !framed.operands.paddings && framed.attrs.paddings.slice(-2).every((p) => p === 0);
  const partOfInput = (i: number): Value =>
    frame ? rewriter.emit(pad, { input: part(framed.operands.input, i) }, place, framed.attrs) : part(input, i);
  let sum: Value | undefined;
  for (let i = 0; i < n; i++) {
    const operands = {
      ...node.operands_,
      input: partOfInput(i),
      filter: part(filter, i),
      bias: i === 0 ? bias : undefined,
    };
    const product = rewriter.create(node.op, operands as never, { ...attrs, fused_activation_function: "NONE" }, place)
      .results[0]!;
    const last = i === n - 1 ? attrs.fused_activation_function : "NONE";
    sum = sum
      ? rewriter.emit(add, { lhs: sum, rhs: product }, place, { fused_activation_function: last as "NONE" })
      : product;
  }
  rewriter.replace(node, [sum!]);
  rewriter.eraseDead([input]);
  return true;
}
