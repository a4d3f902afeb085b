import {
  attr,
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
import { resizeNearestNeighbor } from "../dialect/resize.ts";
import { cheapestForm, convolvePhases, type SpreadConvolution } from "./convolve-phases.ts";
import { convolutionCost, cpuCosts } from "./kernel-costs.ts";
import { paddedInput } from "./padded-input.ts";
import { repeatedAxis } from "./phase-plan.ts";
import { repetitions } from "./repetitions.ts";
import { rewriteEach } from "./rewrite-each.ts";

/**
 * A convolution of pixels that are each repeated reads each of them with several weights, which can be added up before: a 3x3 kernel
 * behind an upsampling by two is a 2x2 kernel for each of the four phases, of the image as it was.
 *
 * Adds up weights, so results differ in rounding; where an input is infinite they may differ in being NaN.
 */
export const joinUpsampling = definePass({
  name: "join-upsampling",
  summary: "Computes a convolution behind an upsampling to nearest neighbours from the image before it.",
  options: {
    enabled: attr.bool.default_(true),
    /** Does it whatever it costs. */
    always: attr.bool.default_(false),
  },
  scope: "graph",
  run(graph, context) {
    if (!context.options.enabled || context.compiler.settings.target !== "cpu") return;
    rewriteEach(graph, conv2d, context, "join-upsampling", (node) => join(node, graph, context));
  },
});

type Extents = readonly [number, number, number, number];
const extents = (v: Value): Extents => v.type.shape as unknown as Extents;

/** What a convolution of stride 1 behind an upsampling computes from the image before it; `undefined` for others. */
export function upsampledConvolution(node: Node<typeof conv2d>, graph: Graph): SpreadConvolution | undefined {
  const { filter, bias } = node.operands as { filter: Value; bias?: Value };
  const a = node.attrs;
  if (!filter.constant || (bias && !bias.constant) || !isStaticShape(node.result.type.shape)) return undefined;
  if ([a.stride_h, a.stride_w, a.dilation_h_factor, a.dilation_w_factor].some((n) => n !== 1)) return undefined;
  const wide = (node.operands.input as Value).type;
  if (wide.dtype !== "f32" || !isStaticShape(wide.shape) || filter.type.shape[3] !== wide.shape[3]) return undefined;
  const padded = paddedInput(node);
  const up = padded.input.producer as Node<typeof resizeNearestNeighbor> | undefined;
  const times = up?.is(resizeNearestNeighbor) ? repetitions(up) : undefined;
  if (!up || !times || times[0] * times[1] === 1) return undefined;
  // what others read is made anyway
  if (!graph.hasOneUse(padded.input) || !graph.hasOneUse(node.operands.input as Value)) return undefined;
  const input = up.operands.input as Value;
  if (!isStaticShape(input.type.shape)) return undefined;
  const axisOf = (i: 0 | 1) =>
    repeatedAxis(
      extents(input)[i + 1]!,
      extents(node.result)[i + 1]!,
      extents(filter)[i + 1]!,
      times[i],
      padded.before[i]!,
    );
  return {
    input,
    filter,
    bias,
    activation: a.fused_activation_function as FusedActivation,
    axes: [axisOf(0), axisOf(1)],
  };
}

function join(
  node: Node<typeof conv2d>,
  graph: Graph,
  { options: { always }, decide }: Pick<PassContext, "decide"> & { readonly options: { readonly always: boolean } },
): void {
  const convolution = upsampledConvolution(node, graph);
  const form = convolution && cheapestForm(convolution, cpuCosts);
  if (!form) return;
  const { input, filter, axes } = convolution;
  const [batch, high, broad, channels] = extents(node.result);
  const [, kh, kw, depth] = extents(filter);
  const repeated = extents(input).reduce((x, y) => x * y) * axes[0].stride * axes[1].stride;
  const native =
    convolutionCost(cpuCosts, batch * high * broad, kh * kw * depth, channels) + repeated * cpuCosts.resizeNearest;
  const taken = always || form.cost < native;
  decide(() =>
    decisionOn(
      node as never,
      [
        { name: "resize and convolve", cost: native },
        { name: "phases", cost: form.cost },
      ],
      taken ? "phases" : "resize and convolve",
    ),
  );
  if (!taken) return;
  const rewriter = new Rewriter(graph);
  const before = node.operands.input as Value;
  rewriter.replace(node as never, [convolvePhases(rewriter, convolution, form, node as never)]);
  rewriter.eraseDead([before]);
}
