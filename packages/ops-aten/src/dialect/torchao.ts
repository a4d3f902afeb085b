import {
  attr,
  type Dim,
  divideExactly,
  sameDim,
  sameShape,
  type TensorData,
  type TensorType,
  tensor,
  tensorData,
} from "@tflower/core";
import { dequantizing, quantizing } from "../schema/affine-ops.ts";
import { defineAten } from "../schema/aten-schema.ts";
import { type Grouping, ofBlocks, scalesOf } from "../semantics/affine-quantization.ts";
import { scaleRule } from "../semantics/scale-rule.ts";

type Attrs = Readonly<Record<string, unknown>>;
const blocks = (input: TensorType, attrs: Attrs, scales: Pick<TensorType, "shape">): Grouping =>
  ofBlocks(input, attrs["block_size"] as readonly Dim[], scales);

export const quantizeAffine = defineAten(
  "torchao::quantize_affine(Tensor input, SymInt[] block_size, Tensor scale, Tensor? zero_point, ScalarType output_dtype, Scalar? quant_min=None, Scalar? quant_max=None) -> Tensor",
  { summary: "The nearest integers at a scale for each block.", ...quantizing(blocks, {}, "output_dtype") },
);
export const dequantizeAffine = defineAten(
  "torchao::dequantize_affine(Tensor input, SymInt[] block_size, Tensor scale, Tensor? zero_point, ScalarType input_dtype, Scalar? quant_min=None, Scalar? quant_max=None, ScalarType output_dtype=6) -> Tensor",
  {
    summary: "The reals that integers stand for, at a scale for each block.",
    attrs: { output_dtype: attr.dtype.default_("f32") },
    ...dequantizing(blocks, "output_dtype", "input_dtype"),
  },
);

/** How many blocks there are along each axis; without `keepdim`, axes that one block covers go away. */
function shapeOfScales(input: TensorType, block: readonly Dim[], keepdim: boolean): readonly Dim[] {
  ofBlocks(input, block);
  return input.shape.flatMap((d, i) => {
    if (block[i] === 1) return [d];
    if (!sameDim(block[i]!, d)) return [divideExactly(d, block[i]!)!];
    return keepdim ? [1] : [];
  });
}
export const chooseQparamsAffine = defineAten(
  "torchao::choose_qparams_affine(Tensor input, str mapping_type, SymInt[] block_size, ScalarType target_dtype, Scalar? quant_min=None, Scalar? quant_max=None, float? eps=None, ScalarType? scale_dtype=None, ScalarType? zero_point_dtype=None, bool keepdim=False) -> (Tensor, Tensor)",
  {
    summary: "Scale and zero point of each block, for what its elements span.",
    traits: {
      choosesScales: (input, attrs) => {
        const block = attrs["block_size"] as readonly Dim[];
        if (sameShape(block, input.shape)) return "tensor";
        const row = input.shape.map((d, i) => (i === input.shape.length - 1 ? d : 1));
        return sameShape(block, row) ? "row" : undefined;
      },
    },
    infer: ({ input }, attrs) => {
      const shape = shapeOfScales(input, attrs.block_size, attrs.keepdim);
      const { symmetric } = scaleRule(attrs);
      const zero = attrs.zero_point_dtype ?? (symmetric ? (attrs.scale_dtype ?? input.dtype) : "i32");
      return [tensor(attrs.scale_dtype ?? input.dtype, shape), tensor(zero, shape)];
    },
    evaluate({ input }: { readonly input: TensorData }, attrs, [scale, zero]) {
      const g = ofBlocks(input.type, attrs.block_size);
      const { scales, zeros } = scalesOf(input, g, scaleRule(attrs));
      return [
        tensorData(scale!.dtype, scale!.shape as number[], scales),
        tensorData(zero!.dtype, zero!.shape as number[], zero!.dtype === "i64" ? zeros.map(BigInt) : zeros),
      ];
    },
  },
);
