import {
  attr,
  definePass,
  type Graph,
  isStaticShape,
  type Node,
  Rewriter,
  sameShape,
  tensorData,
  type Value,
} from "@tflower/core";
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
  options: { enabled: attr.bool.default_(true) },
  scope: "graph",
  run(graph, { compiler, options }) {
    if (!options.enabled || compiler.settings.target !== "cpu") return;
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

/** A part of a filter. */
interface Tile {
  readonly row: number;
  readonly rows: number;
  readonly column: number;
  readonly columns: number;
}

/** Images of so many pixels take tiles of three rows and three columns better than bands: by 8 % at 28 x 28, by 20 % at 14 x 14. */
const tiledFrom = 100;
const tiledTo = 1600;
/** Side of the filters that this was measured for. */
const tiledSide = 7;
const tileSide = 3;

/** The parts that a filter is taken apart into, for an image of `pixels`. */
export function tilesOf(height: number, width: number, pixels: number): readonly Tile[] {
  if (height === tiledSide && width === tiledSide && pixels >= tiledFrom && pixels <= tiledTo) {
    const whole = tiledSide - (tiledSide % tileSide);
    const starts = [0, tileSide];
    return [
      ...starts.flatMap((row) => starts.map((column): Tile => ({ row, rows: tileSide, column, columns: tileSide }))),
      { row: whole, rows: tiledSide - whole, column: 0, columns: tiledSide },
      { row: 0, rows: whole, column: whole, columns: tiledSide - whole },
    ];
  }
  let row = 0;
  return bandsOf(height, width).map((rows) => {
    const tile = { row, rows, column: 0, columns: width };
    row += rows;
    return tile;
  });
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
  const tiles = tilesOf(height!, width!, shape[1]! * shape[2]!);
  // a part sees the input from its own first row and column on: less padding in front, or rows cut off
  const margin = (pad: readonly [number, number], whole: number, from: number, size: number) =>
    [pad[0] - from, pad[1] - (whole - from - size)] as const;
  const margins = tiles.map((t): readonly number[] => [
    ...margin([top, bottom], height!, t.row, t.rows),
    ...margin([left, right], width!, t.column, t.columns),
  ]);
  const rest = (extent: number, before: number, after: number): number =>
    extent - Math.max(-before, 0) - Math.max(-after, 0);
  if (margins.some(([a, b, c, d]) => rest(shape[1]!, a!, b!) < 1 || rest(shape[2]!, c!, d!) < 1)) return;
  let sum: Value | undefined;
  for (const [i, t] of tiles.entries()) {
    const [above, below, before, after] = margins[i] as unknown as readonly [number, number, number, number];
    const size = shape.with(1, rest(shape[1]!, above, below)).with(2, rest(shape[2]!, before, after));
    const begin = [0, Math.max(-above, 0), Math.max(-before, 0), 0];
    const seen = sameShape(size, shape) ? input : rewriter.emit(slice, { input }, place, { begin, size });
    const paddings = [0, 0, ...[above, below, before, after].map((m) => Math.max(m, 0)), 0, 0];
    const framed = paddings.some((m) => m > 0) ? rewriter.emit(pad, { input: seen }, place, { paddings }) : seen;
    const part = constantOf(
      rewriter,
      slice,
      { input: filter },
      { begin: [0, t.row, t.column, 0], size: [1, t.rows, t.columns, channels!] },
      filter.name,
    );
    const last = i === tiles.length - 1;
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
  }
  rewriter.replace(node as never, [sum!]);
}
