import { type DType, staticShape, type TensorData, type TensorType, tensor, tensorData } from "@tflower/core";
import { dequantizing, quantizing } from "../schema/affine-ops.ts";
import { defineAten } from "../schema/aten-schema.ts";
import { codesOf, ofChannels, ofGroups, ofRows, ofTensor, scalesOf } from "../semantics/affine-quantization.ts";
import { castData } from "../semantics/pointwise.ts";

type Attrs = Readonly<Record<string, unknown>>;
const integers = "The nearest integers at a scale";
const reals = "The reals that integers at a scale stand for";

export const quantizePerTensor = defineAten(
  "quantized_decomposed::quantize_per_tensor(Tensor input, float scale, int zero_point, int quant_min, int quant_max, ScalarType dtype) -> Tensor",
  { summary: `${integers}.`, ...quantizing(ofTensor) },
);
export const quantizePerTensorTensor = defineAten(
  "quantized_decomposed::quantize_per_tensor.tensor(Tensor input, Tensor scale, Tensor zero_point, int quant_min, int quant_max, ScalarType dtype) -> Tensor",
  { summary: `${integers} that is a tensor.`, ...quantizing(ofTensor) },
);
export const quantizePerTensorTensor2 = defineAten(
  "quantized_decomposed::quantize_per_tensor.tensor2(Tensor input, Tensor scale, Tensor zero_point, Tensor quant_min, Tensor quant_max, ScalarType dtype) -> Tensor",
  { summary: `${integers} that is a tensor, and so are their bounds.`, ...quantizing(ofTensor) },
);
export const dequantizePerTensor = defineAten(
  "quantized_decomposed::dequantize_per_tensor(Tensor input, float scale, int zero_point, int quant_min, int quant_max, ScalarType dtype, *, ScalarType? out_dtype=None) -> Tensor",
  { summary: `${reals}.`, ...dequantizing(ofTensor, "out_dtype") },
);
export const dequantizePerTensorTensor = defineAten(
  "quantized_decomposed::dequantize_per_tensor.tensor(Tensor input, Tensor scale, Tensor zero_point, int quant_min, int quant_max, ScalarType dtype, *, ScalarType? out_dtype=None) -> Tensor",
  { summary: `${reals}, which is a tensor.`, ...dequantizing(ofTensor, "out_dtype") },
);
export const dequantizePerTensorTensor2 = defineAten(
  "quantized_decomposed::dequantize_per_tensor.tensor2(Tensor input, Tensor scale, Tensor zero_point, Tensor quant_min, Tensor quant_max, ScalarType dtype, *, ScalarType? out_dtype=None) -> Tensor",
  { summary: `${reals}, which is a tensor; their bounds say nothing.`, ...dequantizing(ofTensor, "out_dtype") },
);
export const quantizePerChannel = defineAten(
  "quantized_decomposed::quantize_per_channel(Tensor input, Tensor scales, Tensor zero_points, int axis, int quant_min, int quant_max, ScalarType dtype) -> Tensor",
  { summary: `${integers} for each index of an axis.`, ...quantizing(ofChannels) },
);
export const dequantizePerChannel = defineAten(
  "quantized_decomposed::dequantize_per_channel(Tensor input, Tensor scales, Tensor? zero_points, int axis, int quant_min, int quant_max, ScalarType dtype, *, ScalarType? out_dtype=None) -> Tensor",
  { summary: `${reals}, one for each index of an axis.`, ...dequantizing(ofChannels, "out_dtype") },
);
export const quantizePerToken = defineAten(
  "quantized_decomposed::quantize_per_token(Tensor input, Tensor scales, Tensor zero_points, int quant_min, int quant_max, ScalarType dtype) -> Tensor",
  { summary: `${integers} for each row.`, ...quantizing(ofRows, { shiftsFirst: true }) },
);
export const dequantizePerToken = defineAten(
  "quantized_decomposed::dequantize_per_token(Tensor input, Tensor scales, Tensor zero_points, int quant_min, int quant_max, ScalarType dtype, ScalarType output_dtype) -> Tensor",
  { summary: `${reals}, one for each row.`, ...dequantizing(ofRows, "output_dtype") },
);
export const quantizePerChannelGroup = defineAten(
  "quantized_decomposed::quantize_per_channel_group(Tensor input, Tensor scales, Tensor zero_points, int quant_min, int quant_max, ScalarType dtype, int group_size) -> Tensor",
  { summary: `${integers} for each group of a row.`, ...quantizing(ofGroups, { shiftsFirst: true }) },
);
export const dequantizePerChannelGroup = defineAten(
  "quantized_decomposed::dequantize_per_channel_group(Tensor input, Tensor scales, Tensor? zero_points, int quant_min, int quant_max, ScalarType dtype, int group_size, ScalarType output_dtype) -> Tensor",
  { summary: `${reals}, one for each group of a row.`, ...dequantizing(ofGroups, "output_dtype") },
);

/** What the ops that find scales in data give. Scales are float64 in PyTorch and float32 here, so types are given. */
function choosing(rule: { readonly symmetric: boolean; readonly rows: boolean }) {
  return {
    traits: { choosesScales: () => (rule.rows ? ("row" as const) : ("tensor" as const)) },
    evaluate: (
      { input }: { readonly input: TensorData },
      attrs: Attrs,
      [scale, zero]: readonly TensorType[],
    ): [TensorData, TensorData] => {
      const dtype = attrs["dtype"] as DType;
      const g = rule.rows ? ofRows(input.type, {}, scale!) : ofTensor(input.type);
      const codes = rule.rows ? ([-128, 127] as const) : codesOf(attrs, dtype);
      const found = scalesOf(input, g, {
        symmetric: rule.symmetric,
        codes,
        least: rule.rows ? 2 ** -23 : (attrs["eps"] as number),
        middle: dtype === "u8" ? 128 : 0,
        nearerEnd: rule.rows,
      });
      return [
        tensorData(scale!.dtype, staticShape(scale!.shape), found.scales),
        tensorData(zero!.dtype, staticShape(zero!.shape), found.zeros),
      ];
    },
  };
}
export const chooseQparams = defineAten(
  "quantized_decomposed::choose_qparams.tensor(Tensor input, int quant_min, int quant_max, float eps, ScalarType dtype) -> (Tensor, Tensor)",
  { summary: "Scale and zero point for what the elements span.", ...choosing({ symmetric: false, rows: false }) },
);
export const chooseQparamsSymmetric = defineAten(
  "quantized_decomposed::choose_qparams_symmetric.tensor(Tensor input, int quant_min, int quant_max, float eps, ScalarType dtype) -> (Tensor, Tensor)",
  { summary: "A scale for as much on either side of zero.", ...choosing({ symmetric: true, rows: false }) },
);
export const chooseQparamsPerTokenAsymmetric = defineAten(
  "quantized_decomposed::choose_qparams_per_token_asymmetric(Tensor input, ScalarType dtype) -> (Tensor, Tensor)",
  { summary: "Scale and zero point of each row, for int8.", ...choosing({ symmetric: false, rows: true }) },
);

export const convertElementTypeNoFuse = defineAten(
  "quantized_decomposed::convert_element_type.no_fuse(Tensor input, ScalarType dtype) -> Tensor",
  {
    summary: "The same numbers in another dtype.",
    traits: { elementwise: true, converts: true },
    infer: ({ input }, { dtype }) => tensor(dtype, input.shape),
    evaluate: ({ input }, { dtype }) => castData(input, dtype),
  },
);
