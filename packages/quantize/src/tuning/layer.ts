import { type Constant, type Node, staticShape, type Value, type WindowsOf } from "@tflower/core";
import { type Weights, weightsOf } from "../weights/plan-weights.ts";

/**
 * Weights as matrices, one for each group of channels: row `m` of group `g` makes result channel `g * rows + m`, out of `columns` elements of
 * the patch that it is multiplied by.
 */
export interface LayerShape {
  readonly groups: number;
  readonly rows: number;
  readonly columns: number;
  /** Elements of a patch: what all groups together read at one place. */
  readonly patch: number;
  /** Where in the patch column `i` of group `g` lies. */
  readonly columnOf: (g: number, i: number) => number;
  /** Where in the constant the weight of row `m` and column `i` lies. */
  readonly weightAt: (g: number, m: number, i: number) => number;
}

/** Weights, and what they are multiplied by. */
export interface Layer extends Weights {
  readonly input: Value;
  readonly shape: LayerShape;
  readonly windows?: WindowsOf;
  readonly bias?: Constant;
}

/** The layer that a node is, where its rows are known: all of its types static, its input computed while the program runs. */
export function layerOf(node: Node): Layer | undefined {
  const weights = weightsOf(node);
  const weighted = node.op.traits.weights?.weighted;
  const input = weighted && (node.operands_[weighted.operand] as Value | undefined);
  if (!weights || !input || input.constant || input.type.dtype !== "f32") return undefined;
  if (![input.type, weights.constant.type].every((t) => t.shape.every((d) => typeof d === "number"))) return undefined;
  const [x, w] = [staticShape(input.type.shape), staticShape(weights.constant.type.shape)];
  const windows = weighted.windows?.({ input: x, weights: w, attrs: node.attrs as Readonly<Record<string, unknown>> });
  const bias = node.op.traits.accumulator && (node.operands_[node.op.traits.accumulator.bias] as Value | undefined);
  if (bias && !bias.constant) return undefined;
  const shape = windows ? windowShape(windows, x.at(-1)!, w) : rowShape(w);
  return { ...weights, input, shape, ...(windows && { windows }), ...(bias?.constant && { bias: bias.constant }) };
}

const rowShape = ([rows, columns]: readonly number[]): LayerShape => ({
  groups: 1,
  rows: rows!,
  columns: columns!,
  patch: columns!,
  columnOf: (_, i) => i,
  weightAt: (_, m, i) => m * columns! + i,
});

function windowShape({ kernel, depthwise }: WindowsOf, channels: number, w: readonly number[]): LayerShape {
  const taps = kernel[0] * kernel[1];
  if (depthwise) {
    const rows = w[3]! / channels;
    return {
      groups: channels,
      rows,
      columns: taps,
      patch: taps * channels,
      columnOf: (g, i) => i * channels + g,
      weightAt: (g, m, i) => i * w[3]! + g * rows + m,
    };
  }
  const deep = w[3]!;
  const groups = channels / deep;
  const rows = w[0]! / groups;
  const columns = taps * deep;
  return {
    groups,
    rows,
    columns,
    patch: taps * channels,
    columnOf: (g, i) => Math.floor(i / deep) * channels + g * deep + (i % deep),
    weightAt: (g, m, i) => (g * rows + m) * columns + i,
  };
}
