import {
  attr,
  countOf,
  type Dim,
  dataOf,
  definePass,
  type Graph,
  isStatic,
  isStaticShape,
  type Node,
  type OpDef,
  Rewriter,
  type Value,
} from "@tflower/core";
import { conv2d } from "../dialect/convolution.ts";
import { add, mul } from "../dialect/elementwise-binary.ts";
import { concatenation } from "../dialect/join.ts";
import { reshape, transpose } from "../dialect/layout.ts";
import { fullyConnected } from "../dialect/matmul.ts";
import { sum } from "../dialect/reduce.ts";
import { slice } from "../dialect/slice.ts";
import { axisOf } from "../semantics/axes.ts";
import { constantOf } from "./constant-of.ts";
import { countReaders } from "./count-readers.ts";
import { perChannel } from "./fuse-rules.ts";
import { isMadeOfIntegers } from "./integer-form.ts";
import { halfForm } from "./keep-half-weights.ts";

/** A product and a sum with one number per channel, the last things that happen to `x`. */
interface Affine {
  readonly x: Value;
  readonly scale: Value | undefined;
  readonly shift: Value | undefined;
  readonly nodes: readonly Node[];
}

/** The operand of `node` that is one finite number per channel, and the other one. */
function withChannels(node: Node, rewriter: Rewriter): readonly [Value, Value] | undefined {
  const { lhs, rhs } = node.operands_ as Readonly<Record<string, Value>>;
  const [x, c] = rhs!.constant ? [lhs!, rhs!] : [rhs!, lhs!];
  const { shape } = node.results[0]!.type;
  if (!c.constant || x.constant || x.type.dtype !== "f32" || x.type.shape.length !== shape.length) return undefined;
  if (x.type.shape.at(-1) !== shape.at(-1) || !isStatic(shape.at(-1)!)) return undefined;
  if ((node.attrs as { fused_activation_function: string }).fused_activation_function !== "NONE") return undefined;
  const channels = perChannel(rewriter, c, shape.at(-1)!);
  const data = channels && dataOf(channels);
  return data && channels.type.shape[0] === shape.at(-1) && Array.from(data.data, Number).every(Number.isFinite)
    ? [x, channels]
    : undefined;
}

/** The affine map that ends in `node`, where what lies inside has no other readers. */
function affineAt(node: Node, rewriter: Rewriter): Affine | undefined {
  const last = node.op === (add as OpDef) || node.op === (mul as OpDef) ? withChannels(node, rewriter) : undefined;
  if (!last) return undefined;
  const [x, c] = last;
  if (node.op === (mul as OpDef)) return { x, scale: c, shift: undefined, nodes: [node] };
  const before = x.producer?.op === (mul as OpDef) && rewriter.graph.hasOneUse(x) ? x.producer : undefined;
  const inner = before && withChannels(before, rewriter);
  return inner
    ? { x: inner[0], scale: inner[1], shift: c, nodes: [before, node] }
    : { x, scale: undefined, shift: c, nodes: [node] };
}

/** Whether `node` only moves elements of `input`, and never out of their channel. */
function keepsChannels(node: Node, input: Value): boolean {
  const channels = input.type.shape.at(-1);
  const to = node.results[0]?.type.shape;
  const rank = input.type.shape.length;
  if (node.is(reshape)) return to?.at(-1) === channels && node.operands.shape === undefined;
  if (node.is(transpose)) return node.attrs.perm.at(-1) === rank - 1;
  if (node.is(slice)) return to?.at(-1) === channels && !node.operands.begin && !node.operands.size;
  return node.is(concatenation) && axisOf(node.attrs.axis, rank) !== rank - 1;
}

/** Whether `node` is a sum of products over the channels of `v`, with weights of its own and nothing else in the sum. */
function takesAffine(node: Node, v: Value): boolean {
  const operands = node.operands_ as Readonly<Record<string, Value | undefined>>;
  const filter = operands["filter"];
  if (operands["input"] !== v || !filter?.constant || filter.type.dtype !== "f32") return false;
  if ((operands["bias"] && !operands["bias"].constant) || !isStaticShape(filter.type.shape)) return false;
  // float16 weights stay as they are, and so do integers
  if (halfForm(filter.constant) || isMadeOfIntegers(filter.constant)) return false;
  const channels = v.type.shape.at(-1);
  if (node.op === (fullyConnected as OpDef)) return filter.type.shape[1] === channels;
  // zeros around the image are zeros behind the map
  return (
    node.op === (conv2d as OpDef) &&
    filter.type.shape[3] === channels &&
    ((node.attrs as { padding: string }).padding === "VALID" || filter.type.shape.slice(1, 3).every((k) => k === 1))
  );
}

interface Reach {
  readonly moves: ReadonlySet<Node>;
  readonly layers: ReadonlySet<Node>;
}
/** The layers that read `v`, directly or through ops that move elements; `undefined` when anything else does. */
function reachOf(v: Value, graph: Graph): Reach | undefined {
  const values = new Set([v]);
  const moves = new Set<Node>();
  const layers = new Set<Node>();
  for (const x of values) {
    if (graph.isOutput(x)) return undefined;
    for (const user of x.users) {
      if (takesAffine(user, x)) layers.add(user);
      else if (keepsChannels(user, x)) {
        moves.add(user);
        values.add(user.results[0]!);
      } else return undefined;
    }
  }
  // a joint with something that has not gone through the map
  for (const m of moves) if (m.inputs.some((x) => !values.has(x))) return undefined;
  return layers.size > 0 ? { moves, layers } : undefined;
}

/** `layer(x * scale + shift, w, b) = layer(x, w * scale, b + w . shift)`. */
function takeInto(layer: Node, { scale, shift }: Affine, rewriter: Rewriter): void {
  const { filter, bias } = layer.operands_ as { readonly filter: Value; readonly bias?: Value };
  const scaled = scale ? constantOf(rewriter, mul, { lhs: filter, rhs: scale }, {}, filter.name) : filter;
  let sums = bias;
  if (shift) {
    const [out, ...inner] = filter.type.shape as readonly [number, ...number[]];
    const channels = inner.pop()!;
    const taps = countOf(inner);
    // every tap of a window meets the shift
    const rows = constantOf(rewriter, reshape, { input: filter }, { shape: [out * taps, channels] });
    const row = constantOf(rewriter, reshape, { input: shift }, { shape: [1, channels] });
    const products = constantOf(rewriter, fullyConnected, { input: row, filter: rows }, {});
    const byTap = constantOf(rewriter, reshape, { input: products }, { shape: [out, taps] });
    const shifted = constantOf(rewriter, sum, { input: byTap }, { axes: [1] }, bias?.name);
    sums = bias ? constantOf(rewriter, add, { lhs: bias, rhs: shifted }, {}, bias.name) : shifted;
  }
  rewriter.setOperands(layer, { ...layer.operands_, filter: scaled, bias: sums });
}

const elementsOf = (shape: readonly Dim[]): number => shape.reduce<number>((n, d) => n * (isStatic(d) ? d : 64), 1);

/**
 * What a norm ends in goes into the weights behind it. It must be all that its readers see; weights that others read too stay as they
 * are, or the file would hold them twice.
 */
export const foldAffineForward = definePass({
  name: "fold-affine-forward",
  summary: "Puts a scale and a shift per channel into the weights of the layers that read the result.",
  options: {
    /** Elements of the map's result for each element of all weights that change, below which it is not worth their computation. */
    leastShare: attr.float.default_(0.1),
  },
  scope: "module",
  run(module, { count, options }) {
    const readers = countReaders(module);
    for (const graph of module.graphs) {
      const rewriter = new Rewriter(graph);
      for (const node of [...graph.nodes]) {
        const affine = node.graph ? affineAt(node, rewriter) : undefined;
        const reach = affine && reachOf(node.results[0]!, graph);
        if (!reach) continue;
        const filters = [...reach.layers].map((l) => (l.operands_ as { readonly filter: Value }).filter);
        const weights = filters.reduce((n, f) => n + elementsOf(f.type.shape), 0);
        if (elementsOf(node.results[0]!.type.shape) < options.leastShare * weights) continue;
        if (filters.some((f) => readers.get(f.constant!.key)! > 1)) continue;
        count("affine-forward");
        for (const layer of reach.layers) takeInto(layer, affine, rewriter);
        rewriter.replaceAllUses(node.results[0]!, affine.x);
        rewriter.eraseDead([node.results[0]!]);
      }
    }
  },
});
