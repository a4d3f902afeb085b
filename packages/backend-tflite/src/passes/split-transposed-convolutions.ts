import {
  attr,
  type Dim,
  decisionOn,
  definePass,
  type Graph,
  isStaticShape,
  type Node,
  type PassContext,
  Rewriter,
  type Value,
} from "@tflower/core";
import { transposeConv } from "../dialect/convolution.ts";
import type { FusedActivation } from "../dialect/define-tfl.ts";
import { slice } from "../dialect/slice.ts";
import { paddingBefore } from "../semantics/window.ts";
import { cheapestForm, convolvePhases, type SpreadConvolution } from "./convolve-phases.ts";
import { convolutionCost, cpuCosts } from "./kernel-costs.ts";
import { transposedAxis } from "./phase-plan.ts";
import { rewriteEach } from "./rewrite-each.ts";

/**
 * With stride `s`, result element `s * q + r` of a transposed convolution reads every `s`-th weight only: each `r` is a convolution of
 * the input by itself, or all of them are one with `s * s` times the channels, which DEPTH_TO_SPACE puts in order. A cut behind it, which
 * is how padding is written, becomes part of it.
 *
 * Changes the order of sums. Where phases share a window, weights of zero are added: an infinity in the input then spreads as NaN to
 * neighbours that do not read it otherwise.
 */
export const splitTransposedConvolutions = definePass({
  name: "split-transposed-convolutions",
  summary: "Computes transposed convolutions as convolutions, one for each phase of the stride or one for all.",
  options: {
    enabled: attr.bool.default_(true),
    /** Does it whatever it costs. */
    always: attr.bool.default_(false),
  },
  scope: "graph",
  run(graph, context) {
    if (!context.options.enabled || context.compiler.settings.target !== "cpu") return;
    rewriteEach(graph, transposeConv, context, "split-transposed-convolution", (node) => split(node, graph, context));
  },
});

/** A transposed convolution with the cut behind it, if that is all that is read. */
export interface Transposed {
  readonly convolution: SpreadConvolution;
  /** The node whose result is what the convolution gives. */
  readonly last: Node;
}

/** What a TRANSPOSE_CONV of static extents and constant weights computes; `undefined` for others. */
export function transposedConvolution(node: Node<typeof transposeConv>, graph: Graph): Transposed | undefined {
  const { input, weights, bias, output_shape } = node.operands as Readonly<Record<string, Value | undefined>>;
  const { type } = node.result;
  if (output_shape || !weights!.constant || (bias && !bias.constant) || type.dtype !== "f32") return undefined;
  if (!isStaticShape(input!.type.shape) || !isStaticShape(type.shape)) return undefined;
  const cut = cutOf(node.result, graph);
  const to = cut?.result.type.shape ?? type.shape;
  const begin = (cut?.attrs.begin ?? [0, 0, 0, 0]) as readonly number[];
  const a = node.attrs;
  const strides = [a.stride_h, a.stride_w] as const;
  const at = (v: Value, axis: number): number => v.type.shape[axis] as number;
  const axisOf = (i: 0 | 1) => {
    const [extent, kernel] = [at(input!, i + 1), at(weights!, i + 1)];
    const padding = paddingBefore(at(node.result, i + 1), extent, kernel, strides[i], 1, a.padding);
    return transposedAxis(extent, to[i + 1] as number, kernel, strides[i], padding + begin[i + 1]!);
  };
  const convolution: SpreadConvolution = {
    input: input!,
    filter: weights!,
    bias,
    activation: a.fused_activation_function as FusedActivation,
    axes: [axisOf(0), axisOf(1)],
  };
  return { convolution, last: (cut ?? node) as unknown as Node };
}

function split(
  node: Node<typeof transposeConv>,
  graph: Graph,
  { options: { always }, decide }: Pick<PassContext, "decide"> & { readonly options: { readonly always: boolean } },
): void {
  const found = transposedConvolution(node, graph);
  const form = found && cheapestForm(found.convolution, cpuCosts);
  if (!form) return;
  const { input, filter } = found.convolution;
  const [channels, kh, kw, depth] = filter.type.shape as readonly [number, number, number, number];
  const pixels = (input.type.shape as readonly number[]).slice(0, 3).reduce((n, d) => n * d, 1);
  const native = convolutionCost(cpuCosts, pixels, depth * cpuCosts.transposeConv, kh * kw * channels);
  const taken = always || form.cost < native;
  decide(() =>
    decisionOn(
      node as never,
      [
        { name: "transposed", cost: native },
        { name: "phases", cost: form.cost },
      ],
      taken ? "phases" : "transposed",
    ),
  );
  if (!taken) return;
  const rewriter = new Rewriter(graph);
  rewriter.replace(found.last, [convolvePhases(rewriter, found.convolution, form, node as never)]);
  rewriter.eraseDead([node.result]);
}

/** The cut of pixels that is all that is read of `v`. */
function cutOf(v: Value, graph: Graph): Node<typeof slice> | undefined {
  const [user, ...others] = [...v.users];
  if (!user?.is(slice) || others.length || graph.isOutput(v) || user.operands_["begin"] || user.operands_["size"])
    return undefined;
  const { shape } = user.results[0]!.type;
  return shape[0] === v.type.shape[0] &&
    shape[3] === v.type.shape[3] &&
    isStaticShape(shape) &&
    isStaticShape((user.attrs as { begin: readonly Dim[] }).begin)
    ? (user as unknown as Node<typeof slice>)
    : undefined;
}
