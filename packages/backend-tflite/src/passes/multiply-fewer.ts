import {
  attr,
  type Decision,
  decisionOn,
  definePass,
  type Graph,
  isStaticShape,
  type Node,
  type PassContext,
  Rewriter,
  type Value,
} from "@tflower/core";
import { conv2d } from "../dialect/convolution.ts";
import type { FusedActivation } from "../dialect/define-tfl.ts";
import { cpuCosts } from "./kernel-costs.ts";
import { hasPackedLeaf } from "./packed-leaf.ts";
import { paddedInput } from "./padded-input.ts";
import { rewriteEach } from "./rewrite-each.ts";
import { type FramedConvolution, type SignFilters, tiledConvolution } from "./tiled-convolution.ts";
import { cheapestTiling, type PlainConvolution, possibleTilings, type Tiling, weighTilings } from "./winograd-plan.ts";

/**
 * Winograd's minimal filtering. Two results of a kernel of three elements need four multiplications instead of six, and a block of two by
 * two of a 3x3 kernel 16 instead of 36: of sums and differences of input elements with sums of weights. Those of the input are depthwise
 * convolutions of two taps along each axis, which read the input as it is; those of the products are additions.
 *
 * Changes the order of sums: they get shorter, and so nearer to the exact ones. An input element that is infinite, or beyond a quarter of
 * what float32 holds, makes NaN of its neighbours too. Weights of half precision stay as they are: their sums would be of single.
 */
export const multiplyFewer = definePass({
  name: "multiply-fewer",
  summary:
    "Computes convolutions of three elements with fewer multiplications (Winograd's F(2,3)) where that is faster.",
  options: {
    enabled: attr.bool.default_(true),
    /** Multiplications that each weight the file grows by must save. */
    saved: attr.int.default_(400),
    /** Does it whatever it costs. */
    always: attr.bool.default_(false),
  },
  scope: "graph",
  run(graph, context) {
    const { target, quantize } = context.compiler.settings;
    // filters of other filters round worse, and integers are multiplied faster than they are transformed
    if (!context.options.enabled || target !== "cpu" || quantize) return;
    const signs: SignFilters = new Map();
    rewriteEach(graph, conv2d, context, "multiply-fewer", (node) => rewrite(node, graph, context, signs));
  },
});

/** A convolution that can be tiled; `undefined` for others. */
export function framedConvolution(node: Node<typeof conv2d>): FramedConvolution | undefined {
  const { input, filter, bias } = node.operands as { input: Value; filter: Value; bias?: Value };
  const a = node.attrs;
  const { shape } = node.result.type;
  if (input.type.dtype !== "f32" || !filter.constant || !isStaticShape(shape) || !isStaticShape(input.type.shape))
    return undefined;
  if ([a.stride_h, a.stride_w, a.dilation_h_factor, a.dilation_w_factor].some((n) => n !== 1)) return undefined;
  if (filter.type.shape[3] !== input.type.shape[3] || hasPackedLeaf(filter.constant)) return undefined;
  const activation = a.fused_activation_function as FusedActivation;
  return { ...paddedInput(node), result: [shape[1]!, shape[2]!], filter, bias, activation };
}

interface Options {
  readonly saved: number;
  readonly always: boolean;
}

function rewrite(
  node: Node<typeof conv2d>,
  graph: Graph,
  { options: { saved, always }, decide }: Pick<PassContext, "decide"> & { readonly options: Options },
  signs: SignFilters,
): void {
  const c = framedConvolution(node);
  if (!c) return;
  const [channels, kh, kw, depth] = c.filter.type.shape as readonly [number, number, number, number];
  const batch = c.input.type.shape[0] as number;
  const plain = { batch, result: c.result, kernel: [kh, kw], depth, channels } as const;
  const tiling = always ? possibleTilings(plain)[0] : cheapestTiling(plain, cpuCosts, saved);
  decide(() => explained(node as never, plain, tiling));
  if (!tiling) return;
  const rewriter = new Rewriter(graph);
  const input = node.operands.input as Value;
  rewriter.replace(node as never, [tiledConvolution(rewriter, c, tiling, node as never, signs)]);
  rewriter.eraseDead([input]);
}

const nameOf = ([rows, columns]: Tiling): string => `F(${rows ? 2 : 1}x${columns ? 2 : 1})`;

/** What was chosen, and what it was chosen from. */
function explained(node: Node, c: PlainConvolution, tiling: Tiling | undefined): Decision {
  const { plain, tilings } = weighTilings(c, cpuCosts);
  const forms = [{ name: "plain", cost: plain }, ...tilings.map((t) => ({ name: nameOf(t.tiling), cost: t.cost }))];
  const cheaper = tilings.some((t) => t.cost < plain);
  const reason = !tiling && cheaper ? "too little for the weights that the file would grow by" : undefined;
  return decisionOn(node, forms, tiling ? nameOf(tiling) : "plain", reason);
}
