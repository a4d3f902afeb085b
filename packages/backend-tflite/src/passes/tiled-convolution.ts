import { type Node, type Rewriter, type TensorData, tensorData, type Value } from "@tflower/core";
import { depthToSpace } from "../dialect/blocks.ts";
import { conv2d, depthwiseConv2d } from "../dialect/convolution.ts";
import type { FusedActivation } from "../dialect/define-tfl.ts";
import { add, sub } from "../dialect/elementwise-binary.ts";
import { concatenation } from "../dialect/join.ts";
import { reshape } from "../dialect/layout.ts";
import { pad } from "../dialect/pad.ts";
import { slice } from "../dialect/slice.ts";
import { combinedFilter, type FilterOf } from "./winograd-filter.ts";
import { combinations, type Tiling } from "./winograd-plan.ts";

/** A convolution of stride 1 over an image with zeros around it. */
export interface FramedConvolution {
  readonly input: Value;
  /** Zeros in front of the rows and of the columns. */
  readonly before: readonly [number, number];
  /** Extents of the result. */
  readonly result: readonly [number, number];
  readonly filter: Value;
  readonly bias: Value | undefined;
  readonly activation: FusedActivation;
}

type Extents = readonly [number, number, number, number];
const extents = (v: Value): Extents => v.type.shape as unknown as Extents;
const four = [0, 1, 2, 3];

/** Filters of the input's combinations that a graph has already: convolutions of as many channels share them. */
export type SignFilters = Map<string, Value>;

/** `c` in tiles; the nodes go before `at`. */
export const tiledConvolution = (
  rewriter: Rewriter,
  c: FramedConvolution,
  tiling: Tiling,
  at: Node,
  signs: SignFilters = new Map(),
): Value => new TileBuilder(rewriter, c, tiling, at, signs).whole();

/** How one axis of the input is read for a product. */
interface Reading {
  readonly taps: readonly number[];
  readonly step: number;
  readonly dilation: number;
  readonly before: number;
  readonly after: number;
}

class TileBuilder {
  private readonly rewriter: Rewriter;
  private readonly c: FramedConvolution;
  private readonly tiling: Tiling;
  private readonly filters: FilterOf;
  private readonly signs: SignFilters;
  private readonly place: { readonly before: Node; readonly locations: Node["locations"] };

  constructor(rewriter: Rewriter, c: FramedConvolution, tiling: Tiling, at: Node, signs: SignFilters) {
    this.rewriter = rewriter;
    this.c = c;
    this.tiling = tiling;
    this.signs = signs;
    this.filters = combinedFilter(rewriter, c.filter);
    this.place = { before: at, locations: at.locations };
  }

  whole(): Value {
    const { rewriter, place, c } = this;
    const [rows, columns] = this.tiling;
    const [channels] = extents(c.filter);
    const [batch] = extents(c.input);
    const [high, wide] = c.result;
    const tiles = [rows ? Math.ceil(high / 2) : high, columns ? Math.ceil(wide / 2) : wide] as const;
    // one column of products at a time, so that few tensors are alive
    const parts = (columns ? four : [undefined]).map((j) => {
      const products = (rows ? four : [undefined]).map((i) => {
        // what adds 1 to every result takes the bias
        const bias = (i ?? 1) === 1 && (j ?? 1) === 1 ? c.bias : undefined;
        const operands = { input: this.combined(tiles, [i, j]), filter: this.filters(i, j), bias };
        return rewriter.emit(conv2d, operands, place, { padding: "VALID" });
      });
      return rows ? this.results(products, columns ? "NONE" : c.activation) : products;
    });
    const lines = parts[0]!.map((part, r) =>
      columns
        ? this.results(
            parts.map((p) => p[r]!),
            c.activation,
          )
        : [part],
    );
    const join = (values: readonly Value[], axis: number): Value =>
      rewriter.emit(concatenation, { values }, place, { axis });
    const full =
      rows && columns
        ? rewriter.emit(depthToSpace, { input: join(lines.flat(), 3) }, place, { block_size: 2 })
        : rewriter.emit(reshape, { input: join(lines.flat(), rows ? 2 : 3) }, place, {
            shape: [batch, tiles[0] * (rows ? 2 : 1), tiles[1] * (columns ? 2 : 1), channels],
          });
    const [, h, w] = extents(full);
    return h === high && w === wide
      ? full
      : rewriter.emit(slice, { input: full }, place, { begin: [0, 0, 0, 0], size: [batch, high, wide, channels] });
  }

  /** The input as a product needs it: a sum or difference of two elements along each axis that is tiled. */
  private combined(tiles: readonly [number, number], picks: readonly [number | undefined, number | undefined]): Value {
    const { rewriter, place, c } = this;
    const [, ...space] = extents(c.input);
    const [, ...kernel] = extents(c.filter);
    const channels = space[2];
    const readings = picks.map((pick, i): Reading => {
      // an axis that is not tiled is read as it is, and framed for its kernel
      if (pick === undefined) {
        const after = tiles[i]! - 1 + kernel[i]! - space[i]! - c.before[i]!;
        return { taps: [1], step: 1, dilation: 1, before: c.before[i]!, after };
      }
      const [[first, s0], [second, s1]] = combinations[pick]!;
      const lead = c.before[i]! - first;
      const after = 2 * (tiles[i]! - 1) + second - c.before[i]! - (space[i]! - 1);
      if (lead >= 0) return { taps: [s0, s1], step: 2, dilation: second - first, before: lead, after };
      // what lies in front of the first element wanted meets a tap of zero
      const gap = new Array<number>(second - first - 1).fill(0);
      return { taps: [...new Array<number>(-lead).fill(0), s0, ...gap, s1], step: 2, dilation: 1, before: 0, after };
    });
    const [h, w] = readings as [Reading, Reading];
    const paddings = [0, 0, ...readings.flatMap((r) => [r.before, Math.max(r.after, 0)]), 0, 0];
    const input = paddings.some((p) => p > 0) ? rewriter.emit(pad, { input: c.input }, place, { paddings }) : c.input;
    const taps = h.taps.flatMap((p) => w.taps.map((q) => p * q));
    const key = `${h.taps.length}x${w.taps.length}x${channels}:${taps.join()}`;
    let filter = this.signs.get(key);
    if (!filter) {
      filter = rewriter.constant(perChannel(h.taps.length, w.taps.length, channels, taps));
      this.signs.set(key, filter);
    }
    return rewriter.emit(depthwiseConv2d, { input, filter }, place, {
      padding: "VALID",
      stride_h: h.step,
      stride_w: w.step,
      dilation_h_factor: h.dilation,
      dilation_w_factor: w.dilation,
    });
  }

  /** The two results that four products give. */
  private results(m: readonly Value[], fused_activation_function: FusedActivation): readonly [Value, Value] {
    const [m0, m1, m2, m3] = m as [Value, Value, Value, Value];
    const { rewriter, place } = this;
    const sum = rewriter.emit(add, { lhs: m1, rhs: m2 }, place, {});
    const difference = rewriter.emit(sub, { lhs: m1, rhs: m2 }, place, {});
    return [
      rewriter.emit(add, { lhs: sum, rhs: m0 }, place, { fused_activation_function }),
      rewriter.emit(sub, { lhs: difference, rhs: m3 }, place, { fused_activation_function }),
    ];
  }
}

const perChannel = (rows: number, columns: number, channels: number, taps: readonly number[]): TensorData =>
  tensorData(
    "f32",
    [1, rows, columns, channels],
    Float32Array.from({ length: taps.length * channels }, (_, i) => taps[Math.floor(i / channels)]!),
  );
