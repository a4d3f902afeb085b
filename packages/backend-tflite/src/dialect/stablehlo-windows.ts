import {
  addDim,
  attr,
  type Dim,
  floorDivDim,
  invalid,
  mulDim,
  operand,
  subDim,
  type TensorType,
  withShape,
} from "@tflower/core";
import { showShape } from "../semantics/axes.ts";
import { staticType } from "../semantics/pointwise.ts";
import { foldWindows, spread, type WindowRule } from "../semantics/spreading.ts";
import { defineTfl } from "./define-tfl.ts";

/** Extent of an axis with `interior` elements between neighbours, and edges added or, when negative, cut. */
const spreadExtent = (d: Dim, low: number, high: number, interior: number): Dim => {
  const inner = d === 0 ? 0 : addDim(mulDim(d, interior + 1), -interior);
  const out = addDim(inner, low + high);
  return typeof out === "number" ? Math.max(0, out) : out;
};
const perAxis = (x: TensorType, ...lists: readonly (readonly number[])[]): void => {
  for (const l of lists)
    if (l.length !== x.shape.length)
      invalid(`has ${l.length} numbers for ${x.shape.length} axes of ${showShape(x.shape)}`);
};
const windowsOf = (d: Dim, window: number, stride: number, dilation: number): Dim => {
  const out = addDim(floorDivDim(subDim(d, (window - 1) * dilation + 1), stride), 1);
  return typeof out === "number" ? Math.max(0, out) : out;
};

export const stablehloPad = defineTfl("STABLEHLO_PAD", {
  summary: "Adds elements at the edges and between neighbours; a negative edge cuts.",
  options: "StablehloPadOptions",
  operands: { input: operand.tensor, padding_value: operand.tensor },
  attrs: { edge_padding_low: attr.ints, edge_padding_high: attr.ints, interior_padding: attr.ints },
  infer({ input }, a) {
    perAxis(input, a.edge_padding_low, a.edge_padding_high, a.interior_padding);
    return withShape(
      input,
      input.shape.map((d, i) =>
        spreadExtent(d, a.edge_padding_low[i]!, a.edge_padding_high[i]!, a.interior_padding[i]!),
      ),
    );
  },
  evaluate: ({ input, padding_value }, a, [type]) =>
    spread(
      staticType(type!),
      input,
      padding_value.data[0]!,
      a.edge_padding_low,
      a.interior_padding.map((p) => p + 1),
    ),
});

export const dilate = defineTfl("DILATE", {
  summary: "Puts `dilations[i] - 1` elements of `padding_value` between neighbours along each axis.",
  options: "DilateOptions",
  operands: { input: operand.tensor, padding_value: operand.tensor },
  attrs: { dilations: attr.ints },
  parameters: { dilations: "list" },
  file: ["input", "dilations", "padding_value"],
  infer({ input }, { dilations }) {
    perAxis(input, dilations);
    return withShape(
      input,
      input.shape.map((d, i) => spreadExtent(d, 0, 0, dilations[i]! - 1)),
    );
  },
  evaluate: ({ input, padding_value }, { dilations }, [type]) =>
    spread(
      staticType(type!),
      input,
      padding_value.data[0]!,
      dilations.map(() => 0),
      dilations,
    ),
});

export const reduceWindow = defineTfl("REDUCE_WINDOW", {
  summary: "Folds windows of any rank with a function, beginning with `init_value`.",
  options: "ReduceWindowOptions",
  operands: { input: operand.tensor, init_value: operand.tensor },
  attrs: {
    window_dimensions: attr.ints,
    window_strides: attr.ints,
    window_dilations: attr.ints,
    reduce_function: attr.oneOf("ADD", "MUL", "MINIMUM", "MAXIMUM", "ALL", "ANY"),
  },
  parameters: { window_dimensions: "i64 list", window_strides: "i64 list", window_dilations: "i64 list" },
  infer({ input }, a) {
    perAxis(input, a.window_dimensions, a.window_strides, a.window_dilations);
    return withShape(
      input,
      input.shape.map((d, i) => windowsOf(d, a.window_dimensions[i]!, a.window_strides[i]!, a.window_dilations[i]!)),
    );
  },
  evaluate: ({ input, init_value }, a, [type]) =>
    foldWindows(staticType(type!), input, init_value.data[0]!, a as WindowRule),
});

export const stablehloReduceWindow = defineTfl("STABLEHLO_REDUCE_WINDOW", {
  summary:
    "Pads, and folds windows of any rank with a graph of one op: ADD, MUL, MAXIMUM, MINIMUM, LOGICAL_AND or LOGICAL_OR.",
  options: "StablehloReduceWindowOptions",
  operands: { input: operand.tensor, init_value: operand.tensor },
  attrs: {
    window_dimensions: attr.ints,
    window_strides: attr.ints,
    base_dilations: attr.ints,
    window_dilations: attr.ints,
    padding: attr.ints,
    body_subgraph_index: attr.graph,
  },
  infer({ input }, a) {
    perAxis(input, a.window_dimensions, a.window_strides, a.base_dilations, a.window_dilations);
    if (a.padding.length !== 2 * input.shape.length)
      invalid(`padding has ${a.padding.length} numbers for ${input.shape.length} axes`);
    return withShape(
      input,
      input.shape.map((d, i) =>
        windowsOf(
          spreadExtent(d, a.padding[2 * i]!, a.padding[2 * i + 1]!, a.base_dilations[i]! - 1),
          a.window_dimensions[i]!,
          a.window_strides[i]!,
          a.window_dilations[i]!,
        ),
      ),
    );
  },
});
