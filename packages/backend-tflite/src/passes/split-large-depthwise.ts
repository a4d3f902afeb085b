import { definePass, type Graph, isStaticShape, type Node, Rewriter, tensorData, type Value } from "@tflower/core";
import { depthwiseConv2d } from "../dialect/convolution.ts";
import { add } from "../dialect/elementwise-binary.ts";
import { pad } from "../dialect/pad.ts";
import { slice } from "../dialect/slice.ts";
import { constantOf } from "./constant-of.ts";

/** XNNPACK has depthwise kernels of up to this many taps; beyond it a general one runs five to eight times slower. */
const maxTaps = 25;
/** Bands of this many rows read each input row from the cache. */
const preferredRows = 3;

/**
 * `dwconv(x, w) = sum over bands of rows of dwconv(x shifted, rows of w)`, for depthwise convolutions of more than 25 taps.
 * Changes the order of a sum.
 */
export const splitLargeDepthwise = definePass({
  name: "split-large-depthwise",
  summary: "Splits depthwise convolutions of more than 25 taps into bands of rows.",
  scope: "graph",
  run(graph, { compiler }) {
    if (compiler.settings.target !== "cpu") return;
    for (const node of [...graph.nodes])
      if (node.is(depthwiseConv2d)) split(node as unknown as Node<typeof depthwiseConv2d>, graph);
  },
});

/** Padding before and after along one axis. */
function paddingOf(kernel: number, padding: "SAME" | "VALID"): readonly [number, number] {
  const total = padding === "SAME" ? kernel - 1 : 0;
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

/** How many rows of `width` taps each make a band. */
export function bandsOf(height: number, width: number): readonly number[] {
  const most = Math.max(1, Math.floor(maxTaps / width));
  const rows = Math.min(most, preferredRows);
  const bands: number[] = [];
  for (let left = height; left > 0; left -= rows) bands.push(Math.min(rows, left));
  return bands;
}

function split(node: Node<typeof depthwiseConv2d>, graph: Graph): void {
  const { input, filter, bias } = node.operands as { input: Value; filter: Value; bias?: Value };
  const a = node.attrs;
  const [, height, width, channels] = filter.type.shape as readonly number[];
  const single = a.stride_h === 1 && a.stride_w === 1 && a.dilation_h_factor === 1 && a.dilation_w_factor === 1;
  if (
    !single ||
    height! * width! <= maxTaps ||
    width! > maxTaps ||
    height === 1 ||
    !filter.constant ||
    input.type.dtype !== "f32" ||
    !isStaticShape(input.type.shape)
  )
    return;
  const { shape } = input.type;
  const rewriter = new Rewriter(graph);
  const place = { before: node as never, locations: node.locations };
  const [top, bottom] = paddingOf(height!, a.padding);
  const [left, right] = paddingOf(width!, a.padding);
  const zeros = rewriter.constant(tensorData("f32", [channels!], new Float32Array(channels!)));
  const bands = bandsOf(height!, width!);
  let sum: Value | undefined;
  let row = 0;
  for (const [i, rows] of bands.entries()) {
    // a band sees the input from its own first row on: less padding in front, or rows cut off
    const before = top - row;
    const after = bottom - (height! - row - rows);
    const cut = [Math.max(-before, 0), Math.max(-after, 0)] as const;
    const size = shape.with(1, shape[1]! - cut[0] - cut[1]);
    if (size[1]! < 1) return;
    const seen = cut[0] || cut[1] ? rewriter.emit(slice, { input }, place, { begin: [0, cut[0], 0, 0], size }) : input;
    const margins = [0, 0, Math.max(before, 0), Math.max(after, 0), left, right, 0, 0];
    const framed = margins.some((m) => m > 0)
      ? rewriter.emit(pad, { input: seen }, place, { paddings: margins })
      : seen;
    const part = constantOf(
      rewriter,
      slice,
      { input: filter },
      { begin: [0, row, 0, 0], size: [1, rows, width!, channels!] },
      filter.name,
    );
    const last = i === bands.length - 1;
    const conv = rewriter.emit(
      depthwiseConv2d,
      { input: framed, filter: part, bias: i === 0 && bias ? bias : zeros },
      place,
      { ...a, padding: "VALID", fused_activation_function: "NONE" },
    );
    sum = sum
      ? rewriter.emit(add, { lhs: sum, rhs: conv }, place, {
          fused_activation_function: last ? a.fused_activation_function : "NONE",
        })
      : conv;
    row += rows;
  }
  rewriter.replace(node as never, [sum!]);
}
