import {
  attr,
  type Dim,
  invalid,
  operand,
  rowMajorStrides,
  type TensorType,
  type WeightedTrait,
  withShape,
} from "@tflower/core";
import { extentsOf, showShape } from "../semantics/axes.ts";
import { convolve, convolveTransposed } from "../semantics/convolving.ts";
import { firstOf } from "../semantics/integer/first-of.ts";
import { builtInImages, hybridProducts, imagesTogether, wholeImages } from "../semantics/integer/hybrid.ts";
import { productsOfCodes } from "../semantics/integer/products.ts";
import { activate, staticType } from "../semantics/pointwise.ts";
import { type Padding, paddingBefore, windowExtent } from "../semantics/window.ts";
import { defineTfl, fusedActivation, runtimeI32 } from "./define-tfl.ts";
import { extent, macsPerElement, macsPerResult } from "./macs.ts";

const padding = attr.oneOf("SAME", "VALID").default_("VALID");
const one = attr.int.default_(1);

function staticFilter(filter: TensorType): readonly number[] {
  return filter.shape.map((d) =>
    typeof d === "number" ? d : invalid(`needs a filter of known extents, got ${showShape(filter.shape)}`),
  );
}

/** The kernel reads as many bias elements as there are result channels, however many there are. */
function checkBias(bias: TensorType | undefined, channels: Dim): void {
  const have = bias?.shape.at(-1);
  if (
    bias &&
    (bias.shape.length !== 1 || (typeof have === "number" && typeof channels === "number" && have !== channels))
  )
    invalid(`has a bias ${showShape(bias.shape)} for ${String(channels)} result channels`);
}

/** The windows of an NHWC image that a filter with `[_, height, width, _]` is multiplied by. */
const windowsOf = (depthwise = false): WeightedTrait => ({
  operand: "input",
  windows({ input, weights, attrs }) {
    const a = attrs as Readonly<Record<string, number>> & { readonly padding: Padding };
    const along = (axis: 1 | 2, stride: number, dilation: number) => {
      const count = windowExtent(input[axis]!, weights[axis]!, stride, dilation, a.padding) as number;
      return { count, before: paddingBefore(input[axis]!, count, weights[axis]!, stride, dilation, a.padding) };
    };
    const [strideH, strideW] = [a["stride_h"]!, a["stride_w"]!];
    const [dilationH, dilationW] = [a["dilation_h_factor"]!, a["dilation_w_factor"]!];
    const [h, w] = [along(1, strideH, dilationH), along(2, strideW, dilationW)];
    return {
      kernel: [weights[1]!, weights[2]!],
      stride: [strideH, strideW],
      dilation: [dilationH, dilationW],
      before: [h.before, w.before],
      count: [h.count, w.count],
      depthwise,
    };
  },
});

export const conv2d = defineTfl("CONV_2D", {
  summary:
    "2-D convolution over an NHWC image with an OHWI filter; with fewer filter channels than input channels it is grouped.",
  options: "Conv2DOptions",
  traits: {
    sumsProducts: true,
    ordinaryOnly: true,
    weights: { operand: "filter", axis: () => 0, dynamic: ["i8"], dynamicSlow: ["i4"], weighted: windowsOf() },
    accumulator: { bias: "bias", operands: ["input", "filter"] },
    macs: macsPerResult(({ filter }) => [1, 2, 3].map((a) => extent(filter, a))),
  },
  operands: { input: operand.rank(4), filter: operand.rank(4), bias: operand.optional(operand.rank(1)) },
  attrs: {
    padding,
    stride_w: one,
    stride_h: one,
    dilation_w_factor: one,
    dilation_h_factor: one,
    fused_activation_function: fusedActivation,
  },
  infer({ input, filter, bias }, a) {
    const [n, h, w, c] = input.shape as [Dim, Dim, Dim, Dim];
    const [o, kh, kw, i] = staticFilter(filter) as [number, number, number, number];
    if (typeof c === "number" && (c % i !== 0 || o % (c / i) !== 0))
      invalid(`has ${c} input channels and ${o} result channels, which filters of ${i} channels do not divide`);
    checkBias(bias, o);
    return withShape(input, [
      n,
      windowExtent(h, kh, a.stride_h, a.dilation_h_factor, a.padding),
      windowExtent(w, kw, a.stride_w, a.dilation_w_factor, a.padding),
      o,
    ]);
  },
  evaluate({ input, filter, bias }, a, [type]) {
    const [, kh, kw, i] = extentsOf(filter) as [number, number, number, number];
    const [so, sh, sw, si] = rowMajorStrides(filter.type.shape) as [number, number, number, number];
    const out = convolve(staticType(type!), input, filter, bias, {
      kernel: [1, kh, kw],
      stride: [1, a.stride_h, a.stride_w],
      dilation: [1, a.dilation_h_factor, a.dilation_w_factor],
      padding: a.padding,
      depthPerGroup: i,
      filterSteps: [0, sh, sw, si, so],
    });
    return activate(out, a.fused_activation_function);
  },
  evaluateQuantized: firstOf(
    productsOfCodes({ input: "input", weights: "filter", bias: "bias" }),
    hybridProducts({ input: "input", weights: "filter", bias: "bias", together: imagesTogether }),
  ),
});

export const depthwiseConv2d = defineTfl("DEPTHWISE_CONV_2D", {
  summary: "2-D convolution of each channel by itself: an NHWC image, a filter `[1, H, W, C * depth_multiplier]`.",
  options: "DepthwiseConv2DOptions",
  traits: {
    sumsProducts: true,
    ordinaryOnly: true,
    weights: { operand: "filter", axis: () => 3, dynamic: [], dynamicSlow: ["i8"], weighted: windowsOf(true) },
    accumulator: { bias: "bias", operands: ["input", "filter"] },
    macs: macsPerResult(({ filter }) => [1, 2].map((a) => extent(filter, a))),
  },
  operands: { input: operand.rank(4), filter: operand.rank(4), bias: operand.optional(operand.rank(1)) },
  attrs: {
    padding,
    stride_w: one,
    stride_h: one,
    depth_multiplier: one,
    dilation_w_factor: one,
    dilation_h_factor: one,
    fused_activation_function: fusedActivation,
  },
  infer({ input, filter, bias }, a) {
    const [n, h, w, c] = input.shape as [Dim, Dim, Dim, Dim];
    const [first, kh, kw, o] = staticFilter(filter) as [number, number, number, number];
    if (first !== 1 || (typeof c === "number" && c * a.depth_multiplier !== o))
      invalid(
        `takes a filter [1,H,W,C * depth_multiplier], got ${showShape(filter.shape)} for ${showShape(input.shape)} and a multiplier of ${a.depth_multiplier}`,
      );
    checkBias(bias, o);
    return withShape(input, [
      n,
      windowExtent(h, kh, a.stride_h, a.dilation_h_factor, a.padding),
      windowExtent(w, kw, a.stride_w, a.dilation_w_factor, a.padding),
      o,
    ]);
  },
  evaluate({ input, filter, bias }, a, [type]) {
    const [, kh, kw] = extentsOf(filter) as [number, number, number, number];
    const [, sh, sw] = rowMajorStrides(filter.type.shape) as [number, number, number, number];
    const out = convolve(staticType(type!), input, filter, bias, {
      kernel: [1, kh, kw],
      stride: [1, a.stride_h, a.stride_w],
      dilation: [1, a.dilation_h_factor, a.dilation_w_factor],
      padding: a.padding,
      depthPerGroup: 1,
      filterSteps: [0, sh, sw, 0, 1],
    });
    return activate(out, a.fused_activation_function);
  },
  evaluateQuantized: firstOf(
    productsOfCodes({ input: "input", weights: "filter", bias: "bias" }),
    hybridProducts({ input: "input", weights: "filter", bias: "bias", together: builtInImages }),
  ),
});

/** A transposed convolution's result shape is given; it must be one that a convolution maps to the input. */
function checkTransposed(
  input: TensorType,
  out: readonly Dim[],
  kernel: readonly number[],
  strides: readonly number[],
  dilations: readonly number[],
  pad: "SAME" | "VALID",
  channels: number,
): void {
  if (out.length !== input.shape.length)
    invalid(`has an output_shape of ${out.length} numbers for ${showShape(input.shape)}`);
  kernel.forEach((k, i) => {
    const back = windowExtent(out[i + 1]!, k, strides[i]!, dilations[i]!, pad);
    if (typeof back === "number" && typeof input.shape[i + 1] === "number" && back !== input.shape[i + 1])
      invalid(
        `cannot make ${showShape(out)} of ${showShape(input.shape)}: a convolution of it would have ${back} elements along axis ${i + 1}`,
      );
  });
  if (typeof out.at(-1) === "number" && out.at(-1) !== channels)
    invalid(`has an output_shape ${showShape(out)}, but its filter gives ${channels} channels`);
}

export const transposeConv = defineTfl("TRANSPOSE_CONV", {
  summary: "Transposed 2-D convolution over an NHWC image with an OHWI filter, to a given result shape.",
  options: "TransposeConvOptions",
  traits: {
    sumsProducts: true,
    ordinaryOnly: true,
    weights: { operand: "weights", axis: () => 0, dynamic: [] },
    accumulator: { bias: "bias", operands: ["input", "weights"] },
    macs: macsPerElement("input", ({ filter }) => [0, 1, 2].map((a) => extent(filter, a))),
  },
  operands: {
    weights: operand.rank(4),
    input: operand.rank(4),
    bias: operand.optional(operand.rank(1)),
    output_shape: runtimeI32,
  },
  attrs: { output_shape: attr.dims, padding, stride_w: one, stride_h: one, fused_activation_function: fusedActivation },
  parameters: { output_shape: "list" },
  file: ["output_shape", "weights", "input", "bias"],
  infer({ weights, input, bias }, a) {
    const [o, kh, kw, i] = staticFilter(weights) as [number, number, number, number];
    if (typeof input.shape[3] === "number" && input.shape[3] !== i)
      invalid(`has ${input.shape[3]} input channels, its filter ${i}`);
    checkTransposed(input, a.output_shape, [kh, kw], [a.stride_h, a.stride_w], [1, 1], a.padding, o);
    checkBias(bias, o);
    return withShape(input, a.output_shape);
  },
  evaluate({ weights, input, bias }, a, [type]) {
    const [, kh, kw] = extentsOf(weights) as [number, number, number, number];
    const [so, sh, sw, si] = rowMajorStrides(weights.type.shape) as [number, number, number, number];
    const out = convolveTransposed(staticType(type!), input, weights, bias, {
      kernel: [1, kh, kw],
      stride: [1, a.stride_h, a.stride_w],
      dilation: [1, 1, 1],
      padding: a.padding,
      filterSteps: [0, sh, sw, si, so],
    });
    return activate(out, a.fused_activation_function);
  },
  evaluateQuantized: firstOf(
    productsOfCodes({ input: "input", weights: "weights", bias: "bias" }),
    hybridProducts({ input: "input", weights: "weights", bias: "bias", together: wholeImages }),
  ),
});

const spatial3 = {
  padding,
  stride_d: one,
  stride_w: one,
  stride_h: one,
  dilation_d_factor: one,
  dilation_w_factor: one,
  dilation_h_factor: one,
  fused_activation_function: fusedActivation,
} as const;

export const conv3d = defineTfl("CONV_3D", {
  summary: "3-D convolution over an NDHWC volume with a filter `[D, H, W, I, O]`.",
  options: "Conv3DOptions",
  traits: { macs: macsPerResult(({ filter }) => [0, 1, 2, 3].map((a) => extent(filter, a))) },
  operands: { input: operand.rank(5), filter: operand.rank(5), bias: operand.optional(operand.rank(1)) },
  attrs: spatial3,
  infer({ input, filter, bias }, a) {
    const [n, d, h, w, c] = input.shape as [Dim, Dim, Dim, Dim, Dim];
    const [kd, kh, kw, i, o] = staticFilter(filter) as [number, number, number, number, number];
    if (typeof c === "number" && c % i !== 0)
      invalid(`has ${c} input channels, which filters of ${i} channels do not divide`);
    checkBias(bias, o);
    return withShape(input, [
      n,
      windowExtent(d, kd, a.stride_d, a.dilation_d_factor, a.padding),
      windowExtent(h, kh, a.stride_h, a.dilation_h_factor, a.padding),
      windowExtent(w, kw, a.stride_w, a.dilation_w_factor, a.padding),
      o,
    ]);
  },
  evaluate({ input, filter, bias }, a, [type]) {
    const [kd, kh, kw, i] = extentsOf(filter) as [number, number, number, number, number];
    const [sd, sh, sw, si, so] = rowMajorStrides(filter.type.shape) as [number, number, number, number, number];
    const out = convolve(staticType(type!), input, filter, bias, {
      kernel: [kd, kh, kw],
      stride: [a.stride_d, a.stride_h, a.stride_w],
      dilation: [a.dilation_d_factor, a.dilation_h_factor, a.dilation_w_factor],
      padding: a.padding,
      depthPerGroup: i,
      filterSteps: [sd, sh, sw, si, so],
    });
    return activate(out, a.fused_activation_function);
  },
});

export const conv3dTranspose = defineTfl("CONV_3D_TRANSPOSE", {
  summary: "Transposed 3-D convolution over an NDHWC volume with a filter `[D, H, W, O, I]`, to a given result shape.",
  options: "Conv3DOptions",
  traits: { macs: macsPerElement("input", ({ filter }) => [0, 1, 2, 3].map((a) => extent(filter, a))) },
  operands: {
    filter: operand.rank(5),
    input: operand.rank(5),
    bias: operand.optional(operand.rank(1)),
    output_shape: runtimeI32,
  },
  attrs: { output_shape: attr.dims, ...spatial3 },
  parameters: { output_shape: "list" },
  file: ["output_shape", "filter", "input", "bias"],
  infer({ filter, input, bias }, a) {
    const [kd, kh, kw, o, i] = staticFilter(filter) as [number, number, number, number, number];
    if (typeof input.shape[4] === "number" && input.shape[4] !== i)
      invalid(`has ${input.shape[4]} input channels, its filter ${i}`);
    const dilations = [a.dilation_d_factor, a.dilation_h_factor, a.dilation_w_factor];
    checkTransposed(input, a.output_shape, [kd, kh, kw], [a.stride_d, a.stride_h, a.stride_w], dilations, a.padding, o);
    checkBias(bias, o);
    return withShape(input, a.output_shape);
  },
  evaluate({ filter, input, bias }, a, [type]) {
    const [kd, kh, kw] = extentsOf(filter) as [number, number, number, number, number];
    const [sd, sh, sw, so, si] = rowMajorStrides(filter.type.shape) as [number, number, number, number, number];
    const out = convolveTransposed(staticType(type!), input, filter, bias, {
      kernel: [kd, kh, kw],
      stride: [a.stride_d, a.stride_h, a.stride_w],
      dilation: [a.dilation_d_factor, a.dilation_h_factor, a.dilation_w_factor],
      padding: a.padding,
      filterSteps: [sd, sh, sw, si, so],
    });
    return activate(out, a.fused_activation_function);
  },
});
