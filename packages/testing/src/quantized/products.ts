import { tfl } from "@tflower/backend-tflite";
import { type DType, type Quantization, type TensorType, tensor } from "@tflower/core";
import { type Slot, slot } from "../application/sample.ts";
import { drawExtent, drawShape } from "../arbitrary/shapes.ts";
import type { Choose } from "../choose/choose.ts";
import { codeSlot, drawQuantization, drawWeightQuantization, weightSlot, wholeSlot } from "./draw-quantization.ts";
import { type KernelClaims, oneCode, type QuantizedSample } from "./quantized-sample.ts";

type Activation = "i8" | "i16" | "f32";
const activations = ["NONE", "RELU", "RELU6", "RELU_N1_TO_1"] as const;
const drawActivation = (choose: Choose) => choose.pick(["NONE", "NONE", ...activations] as const);
const most = { i8: 128, i16: 32768, f32: 128 } as const;

/** Activations: codes, or floats that the kernel makes codes of. */
const activationSlot = (dtype: Activation, shape: readonly number[], quant: Quantization, constant?: boolean): Slot =>
  dtype === "f32"
    ? { ...slot("f32", shape, { values: { min: -3, max: 4 } }), ...(constant !== undefined && { constant }) }
    : codeSlot(dtype, shape, quant, constant === undefined ? {} : { constant });
const resultType = (dtype: Activation, shape: readonly number[], quant: Quantization): TensorType =>
  dtype === "f32" ? tensor("f32", shape) : tensor(dtype, shape, quant);

/** Scales of a product of `taps` terms, such that most results are neither zero nor at an end. */
function drawProduct(choose: Choose, dtype: Activation, weights: Quantization, taps: number, weightCodes = 128) {
  const input = drawQuantization(choose, dtype === "f32" ? "i8" : dtype);
  const weight = Math.max(...weights.scales);
  const spread = (input.scales[0]! * weight * Math.sqrt(taps) * most[dtype] * weightCodes) / 3;
  const output = drawQuantization(choose, dtype === "f32" ? "i8" : dtype, { near: spread / (most[dtype] / 3) });
  return { input, output, sums: Math.sqrt(taps) * most[dtype] * weightCodes };
}

/** A bias at the scales of the products; its dtype where there is one. */
function biasSlot(dtype: DType, channels: number, input: Quantization, weights: Quantization, sums: number): Slot {
  if (dtype === "f32") return slot("f32", [channels], { values: { min: -2, max: 2 }, constant: true });
  const scales = weights.scales.map((s) => Math.fround(s * input.scales[0]!));
  const quant = { scales, zeroPoints: scales.map(() => 0), ...(scales.length > 1 && { axis: 0 }) };
  return wholeSlot(tensor(dtype, [channels], quant), Math.min(sums / 3, 2 ** 30), { constant: true });
}

const drawBias = (choose: Choose, dtype: Activation, required: boolean): DType | undefined =>
  required || choose.maybe(0.8) ? ({ i8: "i32", i16: "i64", f32: "f32" } as const)[dtype] : undefined;

interface Window {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  readonly padding: "SAME" | "VALID";
  readonly size: readonly [number, number];
}
function drawWindow(choose: Choose): Window {
  const each = (high: number, plain: number): [number, number] => [
    choose.maybe(plain) ? choose.between(1, high) : 1,
    choose.maybe(plain) ? choose.between(1, high) : 1,
  ];
  const [kernel, strides, dilations] = [each(4, 0.8), each(3, 0.5), each(3, 0.3)];
  const padding = choose.pick(["SAME", "VALID"] as const);
  const extent = (i: 0 | 1): number => {
    const window = dilations[i] * (kernel[i] - 1) + 1;
    return choose.between(padding === "VALID" ? window : 1, window + 4);
  };
  return { kernel, strides, dilations, padding, size: [extent(0), extent(1)] };
}

const convolution = (dtype: Activation, weight: DType) => (choose: Choose) => {
  const { kernel, strides, dilations, padding, size } = drawWindow(choose);
  const groups = dtype === "i8" && weight === "i8" && choose.maybe(0.25) ? choose.between(2, 3) : 1;
  const [ins, outs] = [choose.between(1, 9), choose.between(1, 9) * groups];
  const shape = [outs, ...kernel, ins];
  const quant = drawWeightQuantization(choose, shape, 0);
  const p = drawProduct(choose, dtype, quant, kernel[0] * kernel[1] * ins, weight === "i4" ? 8 : 128);
  const bias = drawBias(choose, dtype, true)!;
  const image = [choose.between(1, 2), ...size, ins * groups];
  return {
    operands: {
      input: activationSlot(dtype, image, p.input, false),
      filter: (dtype === "f32" ? weightSlot : codeSlot)(weight, shape, quant, { constant: true }),
      bias: biasSlot(bias, outs, p.input, quant, p.sums),
    },
    attrs: {
      padding,
      stride_h: strides[0],
      stride_w: strides[1],
      dilation_h_factor: dilations[0],
      dilation_w_factor: dilations[1],
      fused_activation_function: drawActivation(choose),
    },
    types: [
      resultType(
        dtype,
        [image[0]!, ...size.map((n, i) => resultExtent(n, kernel[i]!, strides[i]!, dilations[i]!, padding)), outs],
        p.output,
      ),
    ],
  };
};

const resultExtent = (n: number, kernel: number, stride: number, dilation: number, padding: "SAME" | "VALID") =>
  padding === "SAME" ? Math.ceil(n / stride) : Math.ceil((n - dilation * (kernel - 1)) / stride);

const depthwise = (dtype: Activation, weight: DType) => (choose: Choose) => {
  const { kernel, strides, dilations, padding, size } = drawWindow(choose);
  const depth_multiplier = choose.maybe(0.3) ? choose.between(2, 3) : 1;
  const ins = choose.between(1, 17);
  const outs = ins * depth_multiplier;
  const shape = [1, ...kernel, outs];
  const quant = drawWeightQuantization(choose, shape, 3, dtype === "f32" || undefined);
  const p = drawProduct(choose, dtype, quant, kernel[0] * kernel[1], weight === "i4" ? 8 : 128);
  const bias = drawBias(choose, dtype, dtype !== "i16");
  const image = [choose.between(1, 2), ...size, ins];
  return {
    operands: {
      input: activationSlot(dtype, image, p.input, false),
      filter: (dtype === "f32" ? weightSlot : codeSlot)(weight, shape, quant, { constant: true }),
      bias: bias && biasSlot(bias, outs, p.input, quant, p.sums),
    },
    attrs: {
      padding,
      depth_multiplier,
      stride_h: strides[0],
      stride_w: strides[1],
      dilation_h_factor: dilations[0],
      dilation_w_factor: dilations[1],
      fused_activation_function: drawActivation(choose),
    },
    types: [
      resultType(
        dtype,
        [image[0]!, ...size.map((n, i) => resultExtent(n, kernel[i]!, strides[i]!, dilations[i]!, padding)), outs],
        p.output,
      ),
    ],
  };
};

const transposed = (dtype: Activation, weight: DType) => (choose: Choose) => {
  const { kernel, strides, padding, size } = drawWindow(choose);
  const [ins, outs] = [choose.between(1, 6), choose.between(1, 6)];
  const shape = [outs, ...kernel, ins];
  const quant = drawWeightQuantization(choose, shape, 0);
  const p = drawProduct(choose, dtype, quant, (kernel[0] * kernel[1] * ins) / (strides[0] * strides[1]) + 1);
  const bias = drawBias(choose, dtype, false);
  const batch = choose.between(1, 2);
  const grown = size.map((n, i) =>
    padding === "SAME"
      ? (n - 1) * strides[i]! + choose.between(1, strides[i]!)
      : (n - 1) * strides[i]! + kernel[i]! + choose.below(strides[i]!),
  );
  const output_shape = [batch, ...grown, outs];
  return {
    operands: {
      input: activationSlot(dtype, [batch, ...size, ins], p.input, false),
      weights: (dtype === "f32" ? weightSlot : codeSlot)(weight, shape, quant, { constant: true }),
      bias: bias && biasSlot(bias, outs, p.input, quant, p.sums),
    },
    attrs: {
      output_shape,
      padding,
      stride_h: strides[0],
      stride_w: strides[1],
      fused_activation_function: drawActivation(choose),
    },
    types: [resultType(dtype, output_shape, p.output)],
  };
};

const fullyConnected = (dtype: Activation, weight: DType) => (choose: Choose) => {
  const [ins, outs] = [choose.between(1, 40), choose.between(1, 20)];
  const quant = drawWeightQuantization(choose, [outs, ins], 0);
  const p = drawProduct(choose, dtype, quant, ins, weight === "i4" ? 8 : 128);
  const bias = drawBias(choose, dtype, false);
  const keep_num_dims = choose.maybe(0.5);
  const rows = keep_num_dims ? drawShape(choose, { minRank: 1, maxRank: 3, maxElements: 12 }) : [choose.between(1, 9)];
  return {
    operands: {
      input: activationSlot(dtype, [...rows, ins], p.input, false),
      filter: (dtype === "f32" ? weightSlot : codeSlot)(weight, [outs, ins], quant, { constant: true }),
      bias: bias && biasSlot(bias, outs, p.input, quant, p.sums),
    },
    attrs: { keep_num_dims, fused_activation_function: drawActivation(choose) },
    types: [resultType(dtype, [...rows, outs], p.output)],
  };
};

const batchMatmul = (dtype: Activation) => (choose: Choose) => {
  const [rows, inner, columns] = [drawExtent(choose), choose.between(1, 20), drawExtent(choose)];
  const [adj_x, adj_y] = [choose.maybe(0.4), choose.maybe(0.4)];
  const batch = drawShape(choose, { maxRank: 2, maxElements: 8 });
  const right: Quantization = drawQuantization(choose, dtype === "f32" ? "i8" : dtype, {
    near: 2 ** -7,
    symmetric: dtype === "f32",
  });
  const p = drawProduct(choose, dtype, right, inner, most[dtype]);
  const other = choose.maybe(0.3) ? batch.map(() => 1) : batch;
  return {
    operands: {
      x: activationSlot(dtype, [...batch, ...(adj_x ? [inner, rows] : [rows, inner])], p.input, false),
      y:
        dtype === "f32"
          ? weightSlot("i8", [...other, ...(adj_y ? [columns, inner] : [inner, columns])], right)
          : codeSlot(dtype, [...other, ...(adj_y ? [columns, inner] : [inner, columns])], right),
    },
    attrs: { adj_x, adj_y },
    types: [resultType(dtype, [...batch, rows, columns], p.output)],
  };
};

/** Weights with a scale for each block of a row, as half precision with 8 significant bits holds it. */
const blockwise = (choose: Choose) => {
  const block = choose.pick([32, 64]);
  const [ins, outs] = [block * choose.between(1, 3), choose.between(1, 8)];
  const scales = Array.from(
    { length: (outs * ins) / block },
    () => (1 + choose.below(128) / 128) * 2 ** -choose.between(4, 7),
  );
  const rows = drawShape(choose, { minRank: 1, maxRank: 2, maxElements: 6 });
  return {
    operands: {
      input: slot("f32", [...rows, ins], { values: { min: -3, max: 4 }, constant: false }),
      filter: weightSlot("i4", [outs, ins], { scales, zeroPoints: scales.map(() => 0), block }),
      bias: choose.maybe(0.5) ? slot("f32", [outs], { values: { min: -2, max: 2 }, constant: true }) : undefined,
    },
    attrs: { keep_num_dims: true, fused_activation_function: drawActivation(choose) },
  };
};

/** Floats of sums, rounded in any order. */
const sums: KernelClaims = { equal: { rtol: 5e-6 } };
/** As the delegate quantizes activations; built-in kernels do it in another way. */
const delegated: KernelClaims = { ...sums, exactOn: "xnnpack", differsOn: ["reference", "builtin"] };

/** Convolutions and matrix products. */
export const productForms = [
  { op: tfl.conv2d, form: "i8", draw: convolution("i8", "i8"), ...oneCode },
  { op: tfl.conv2d, form: "i8 x i4", draw: convolution("i8", "i4"), ...oneCode },
  { op: tfl.conv2d, form: "i16 x i8", draw: convolution("i16", "i8") },
  { op: tfl.conv2d, form: "f32 x i8", draw: convolution("f32", "i8"), ...delegated },
  { op: tfl.conv2d, form: "f32 x i4", draw: convolution("f32", "i4"), ...sums },
  { op: tfl.depthwiseConv2d, form: "i8", draw: depthwise("i8", "i8"), ...oneCode },
  { op: tfl.depthwiseConv2d, form: "i8 x i4", draw: depthwise("i8", "i4"), ...oneCode },
  { op: tfl.depthwiseConv2d, form: "i16 x i8", draw: depthwise("i16", "i8") },
  { op: tfl.depthwiseConv2d, form: "f32 x i8", draw: depthwise("f32", "i8"), ...sums },
  { op: tfl.fullyConnected, form: "i8", draw: fullyConnected("i8", "i8"), ...oneCode },
  { op: tfl.fullyConnected, form: "i8 x i4", draw: fullyConnected("i8", "i4"), ...oneCode },
  { op: tfl.fullyConnected, form: "i16 x i8", draw: fullyConnected("i16", "i8"), ...oneCode },
  { op: tfl.fullyConnected, form: "f32 x i8", draw: fullyConnected("f32", "i8"), ...delegated },
  { op: tfl.fullyConnected, form: "f32 x i4", draw: fullyConnected("f32", "i4"), ...delegated },
  { op: tfl.fullyConnected, form: "f32 x i4 in blocks", draw: blockwise, ...delegated },
  { op: tfl.transposeConv, form: "i8", draw: transposed("i8", "i8"), ...oneCode },
  { op: tfl.transposeConv, form: "i16 x i8", draw: transposed("i16", "i8") },
  { op: tfl.fullyConnected, form: "f32 x i2", draw: fullyConnected("f32", "i2"), ...delegated },
  { op: tfl.fullyConnected, form: "i8 x i2", draw: fullyConnected("i8", "i2"), ...oneCode },
  { op: tfl.transposeConv, form: "f32 x i8", draw: transposed("f32", "i8"), ...sums },
  { op: tfl.batchMatmul, form: "i8", draw: batchMatmul("i8"), ...oneCode },
  { op: tfl.batchMatmul, form: "i16", draw: batchMatmul("i16") },
  { op: tfl.batchMatmul, form: "f32 x i8", draw: batchMatmul("f32"), ...delegated },
] as unknown as readonly QuantizedSample[];
