import { invalid, operand, showType, type TensorData, type TensorType, tensor } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { suppressed } from "../semantics/boxes.ts";
import { type DeformAttrs, deformed, deformedType } from "../semantics/deformable.ts";
import {
  type AlignAttrs,
  channelMapping,
  type RegionAttrs,
  regionsAligned,
  regionsAveraged,
  regionsPooled,
  regionType,
} from "../semantics/regions.ts";

export const nms = defineAten("torchvision::nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor", {
  summary:
    "Indices of boxes, best first, without those that overlap a better one too much. How many depends on data, so types are given.",
  operands: { dets: operand.float, scores: operand.float },
  evaluate: ({ dets, scores }, { iou_threshold }) => suppressed(dets, scores, iou_threshold),
});

interface Of<T> {
  readonly input: T;
  readonly rois: T;
}
const cutting = (types: Of<TensorType>, a: RegionAttrs, perBin: boolean): [TensorType, TensorType] => {
  const type = regionType(types, a, perBin);
  return [type, tensor("i32", type.shape)];
};
export const roiAlign = defineAten(
  "torchvision::roi_align(Tensor input, Tensor rois, float spatial_scale, SymInt pooled_height, SymInt pooled_width, int sampling_ratio, bool aligned) -> Tensor",
  {
    summary: "Regions of images as means of samples in bins.",
    infer: (types, a) => regionType(types, a, false),
    evaluate: (operands, a) => regionsAligned(operands, a, false),
  },
);
export const roiPool = defineAten(
  "torchvision::roi_pool(Tensor input, Tensor rois, float spatial_scale, SymInt pooled_height, SymInt pooled_width) -> (Tensor, Tensor)",
  {
    summary: "Regions of images as largest elements of bins, and where they stand.",
    infer: (types, a) => cutting(types, a, false),
    evaluate: (operands, a) => regionsPooled(operands, a),
  },
);
export const psRoiAlign = defineAten(
  "torchvision::ps_roi_align(Tensor input, Tensor rois, float spatial_scale, SymInt pooled_height, SymInt pooled_width, int sampling_ratio) -> (Tensor, Tensor)",
  {
    summary: "Regions of images as means of samples in bins, each of channels of its own, and which those are.",
    infer: (types, a) => cutting(types, a, true),
    evaluate(operands, a) {
      const out = regionsAligned(operands, { ...a, aligned: true } as AlignAttrs, true);
      return [out, channelMapping(out.type)];
    },
  },
);
export const psRoiPool = defineAten(
  "torchvision::ps_roi_pool(Tensor input, Tensor rois, float spatial_scale, SymInt pooled_height, SymInt pooled_width) -> (Tensor, Tensor)",
  {
    summary: "Regions of images as means of bins, each of channels of its own, and which those are.",
    infer: (types, a) => cutting(types, a, true),
    evaluate(operands: Of<TensorData>, a: RegionAttrs) {
      const out = regionsAveraged(operands, a);
      return [out, channelMapping(out.type)];
    },
  },
);

export const deformConv2d = defineAten(
  "torchvision::deform_conv2d(Tensor input, Tensor weight, Tensor offset, Tensor mask, Tensor bias, SymInt stride_h, SymInt stride_w, SymInt pad_h, SymInt pad_w, SymInt dilation_h, SymInt dilation_w, SymInt groups, SymInt offset_groups, bool use_mask) -> Tensor",
  {
    summary: "Convolution of images whose kernels' places are moved by offsets, and weighed by a mask.",
    infer(types, a) {
      if (types.input.shape.length !== 4 || types.weight.shape.length !== 4)
        invalid(`convolves images, got ${showType(types.input)} and ${showType(types.weight)}`);
      return deformedType(types, a as DeformAttrs);
    },
    evaluate: (operands, a) => deformed(operands, a as DeformAttrs),
  },
);
