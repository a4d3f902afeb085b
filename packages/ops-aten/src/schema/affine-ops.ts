import {
  type DType,
  invalid,
  isFloat,
  isInteger,
  showType,
  type TensorData,
  type TensorType,
  tensor,
} from "@tflower/core";
import {
  type Affine,
  codesOf,
  dequantizedBy,
  type Grouping,
  integerType,
  parametersOf,
  quantizedBy,
} from "../semantics/affine-quantization.ts";

type Attrs = Readonly<Record<string, unknown>>;
type Types = { readonly input: TensorType; readonly scale?: TensorType; readonly scales?: TensorType };
type Inputs = Readonly<Record<string, TensorData | undefined>>;

const scalar = tensor("f32", []);
const groups = (a: Affine, { input, scale, scales }: Types, attrs: Attrs): Grouping =>
  a.grouping(input, attrs, scale ?? scales ?? scalar);
const typesOf = (inputs: Inputs): Types =>
  Object.fromEntries(Object.entries(inputs).flatMap(([k, v]) => (v ? [[k, v.type]] : []))) as unknown as Types;

/** What all ops that lead from reals to integers have in common. */
export function quantizing(grouping: Affine["grouping"], rest: Partial<Affine> = {}, dtypeOf = "dtype") {
  const affine: Affine = { direction: "quantize", grouping, ...rest };
  return {
    traits: { affine },
    infer: (types: Types, attrs: Attrs): TensorType => {
      groups(affine, types, attrs);
      return integerType(types.input, attrs, attrs[dtypeOf] as DType);
    },
    evaluate: (inputs: Inputs, attrs: Attrs): TensorData => {
      const dtype = attrs[dtypeOf] as DType;
      const bound = (k: string): Attrs => (inputs[k] ? { [k]: Number(inputs[k].data[0]) } : {});
      const codes = codesOf({ ...attrs, ...bound("quant_min"), ...bound("quant_max") }, dtype);
      const g = groups(affine, typesOf(inputs), attrs);
      return quantizedBy(inputs["input"]!, g, parametersOf(inputs, attrs), codes, dtype, affine.shiftsFirst);
    },
  };
}

/** What all ops that lead from integers to reals have in common. */
export function dequantizing(grouping: Affine["grouping"], output: string, input = "dtype") {
  const affine: Affine = { direction: "dequantize", grouping };
  const to = (attrs: Attrs): DType => (attrs[output] as DType | undefined) ?? "f32";
  return {
    traits: { affine },
    infer: (types: Types, attrs: Attrs): TensorType => {
      if (types.input.dtype !== attrs[input])
        invalid(`dequantizes ${String(attrs[input])}, got ${showType(types.input)}`);
      groups(affine, types, attrs);
      if (!isInteger(types.input.dtype) || !isFloat(to(attrs)))
        invalid(`gives floats of integers, not ${to(attrs)} of ${showType(types.input)}`);
      return tensor(to(attrs), types.input.shape);
    },
    evaluate: (inputs: Inputs, attrs: Attrs): TensorData =>
      dequantizedBy(inputs["input"]!, groups(affine, typesOf(inputs), attrs), parametersOf(inputs, attrs), to(attrs)),
  };
}
