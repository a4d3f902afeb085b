import { tfl } from "@tflower/backend-tflite";
import { appliedConstant, type Constant, showType, type TensorType, tensor, type Value } from "@tflower/core";
import { dimsOf, type QnnGraphBuilder, u32, u32s } from "../graph/qnn-graph-builder.ts";
import { refuse } from "../graph/refusal.ts";
import { defineMapping } from "./define-mapping.ts";
import { windowPadding } from "./window.ts";

/** A constant filter in another layout, as a lazy constant with the type it has there. */
function moved(filter: Value, perm: readonly number[]): readonly [Constant, TensorType] {
  const from = filter.constant;
  if (!from)
    return refuse(
      "the HTP takes filters that are constants, and this one is computed",
      "keep the op on the CPU, or make the weights constant",
    );
  const { shape, quant, dtype } = filter.type;
  const axis = quant?.axis === undefined ? {} : { axis: perm.indexOf(quant.axis) };
  const to = tensor(
    dtype,
    perm.map((p) => shape[p]!),
    quant && { ...quant, ...axis },
  );
  return [appliedConstant(tfl.transpose, { input: from }, { perm }, to), to];
}

/** Biases are 32-bit integers in steps of input scale times filter scale, which QNN computes itself: it is told nothing. */
export function biasOf(b: QnnGraphBuilder, bias: Value | undefined, channels: number): number[] {
  if (!bias) return [];
  if (!bias.constant) return [b.of(bias)];
  const flat = tensor(bias.type.dtype, [channels], bias.type.quant && { scales: [0], zeroPoints: [0] });
  const data =
    bias.type.shape.length === 1
      ? bias.constant
      : appliedConstant(
          tfl.reshape,
          { input: bias.constant },
          { shape: [channels] },
          tensor(bias.type.dtype, [channels], bias.type.quant),
        );
  return [b.constant(data, flat, "bias")];
}

const strides = (a: { readonly stride_h: number; readonly stride_w: number }) => u32s([a.stride_h, a.stride_w]);

export const mapConv2d = defineMapping(tfl.conv2d, ["Conv2d"], (node, b) => {
  const { input, filter, bias } = node.operands;
  const a = node.attrs;
  const [, h, w, c] = dimsOf(input.type) as [number, number, number, number];
  const [, oh, ow, o] = dimsOf(node.result.type) as [number, number, number, number];
  const [, kh, kw, i] = dimsOf(filter.type) as [number, number, number, number];
  const [data, type] = moved(filter, [1, 2, 3, 0]);
  const pads = [
    ...windowPadding(h, oh, kh, a.stride_h, a.dilation_h_factor, a.padding),
    ...windowPadding(w, ow, kw, a.stride_w, a.dilation_w_factor, a.padding),
  ];
  b.node("Conv2d", [b.of(input), b.constant(data, type, "filter"), ...biasOf(b, bias, o)], [b.of(node.result)], {
    scalars: { group: u32(c / i) },
    tensors: {
      stride: strides(a),
      pad_amount: u32s(pads, [2, 2]),
      dilation: u32s([a.dilation_h_factor, a.dilation_w_factor]),
    },
  });
});

export const mapDepthwiseConv2d = defineMapping(tfl.depthwiseConv2d, ["DepthWiseConv2d"], (node, b) => {
  const { input, filter, bias } = node.operands;
  const a = node.attrs;
  const [, h, w] = dimsOf(input.type) as [number, number, number];
  const [, oh, ow, o] = dimsOf(node.result.type) as [number, number, number, number];
  const [, kh, kw] = dimsOf(filter.type) as [number, number, number];
  // [1,H,W,C] and [H,W,1,C] hold the same bytes
  const [data, type] = moved(filter, [1, 2, 0, 3]);
  const pads = [
    ...windowPadding(h, oh, kh, a.stride_h, a.dilation_h_factor, a.padding),
    ...windowPadding(w, ow, kw, a.stride_w, a.dilation_w_factor, a.padding),
  ];
  b.node(
    "DepthWiseConv2d",
    [b.of(input), b.constant(data, type, "filter"), ...biasOf(b, bias, o)],
    [b.of(node.result)],
    {
      tensors: {
        stride: strides(a),
        pad_amount: u32s(pads, [2, 2]),
        dilation: u32s([a.dilation_h_factor, a.dilation_w_factor]),
      },
    },
  );
});

/** Padding and output padding along one axis of a transposed convolution. */
function transposedPadding(input: number, output: number, kernel: number, stride: number): [number, number, number] {
  const full = (input - 1) * stride + kernel;
  const total = Math.max(full - output, 0);
  const before = Math.floor(total / 2);
  return [before, total - before, Math.max(output - full, 0)];
}

export const mapTransposeConv = defineMapping(tfl.transposeConv, ["TransposeConv2d"], (node, b) => {
  const { input, weights, bias, output_shape } = node.operands;
  if (output_shape) refuse("its output extents are computed at run time", "export the program with static shapes");
  const a = node.attrs;
  const [, h, w] = dimsOf(input.type) as [number, number, number];
  const [, oh, ow, o] = dimsOf(node.result.type) as [number, number, number, number];
  const [, kh, kw] = dimsOf(weights.type) as [number, number, number];
  const [data, type] = moved(weights, [1, 2, 3, 0]);
  const vertical = transposedPadding(h, oh, kh, a.stride_h);
  const horizontal = transposedPadding(w, ow, kw, a.stride_w);
  b.node(
    "TransposeConv2d",
    [b.of(input), b.constant(data, type, "filter"), ...biasOf(b, bias, o)],
    [b.of(node.result)],
    {
      scalars: { group: u32(1) },
      tensors: {
        stride: strides(a),
        pad_amount: u32s([vertical[0], vertical[1], horizontal[0], horizontal[1]], [2, 2]),
        output_padding: u32s([vertical[2], horizontal[2]]),
      },
    },
  );
});

export const mapConv3d = defineMapping(tfl.conv3d, ["Conv3d"], (node, b) => {
  const { input, filter, bias } = node.operands;
  const a = node.attrs;
  const [, d, h, w, c] = dimsOf(input.type) as [number, number, number, number, number];
  const [, od, oh, ow, o] = dimsOf(node.result.type) as [number, number, number, number, number];
  const [kd, kh, kw, i] = dimsOf(filter.type) as [number, number, number, number];
  if (!filter.constant) refuse(`the HTP takes filters that are constants, and this one is ${showType(filter.type)}`);
  const pads = [
    ...windowPadding(d, od, kd, a.stride_d, a.dilation_d_factor, a.padding),
    ...windowPadding(h, oh, kh, a.stride_h, a.dilation_h_factor, a.padding),
    ...windowPadding(w, ow, kw, a.stride_w, a.dilation_w_factor, a.padding),
  ];
  b.node("Conv3d", [b.of(input), b.of(filter), ...biasOf(b, bias, o)], [b.of(node.result)], {
    scalars: { group: u32(c / i) },
    tensors: {
      stride: u32s([a.stride_d, a.stride_h, a.stride_w]),
      pad_amount: u32s(pads, [3, 2]),
      dilation: u32s([a.dilation_d_factor, a.dilation_h_factor, a.dilation_w_factor]),
    },
  });
});
