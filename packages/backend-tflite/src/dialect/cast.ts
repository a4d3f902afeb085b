import { attr, type DType, decode, encode, operand, withDType } from "@tflower/core";
import { cast as castElements } from "../semantics/cast.ts";
import { defineTfl } from "./define-tfl.ts";

export const cast = defineTfl("CAST", {
  summary:
    "The same numbers in another dtype: floats to integers truncate, to bool by not being zero; out of range they clamp, and NaN is the largest.",
  options: "CastOptions",
  operands: { input: operand.tensor },
  attrs: { out_data_type: attr.dtype },
  derived: ({ operands }) => ({ in_data_type: (operands["input"] as { readonly dtype: DType }).dtype }),
  traits: { elementwise: true, converts: true },
  infer: ({ input }, { out_data_type }) => withDType(input, out_data_type),
  evaluate: ({ input }, { out_data_type }) => castElements(input, out_data_type),
});

export const bitcast = defineTfl("BITCAST", {
  summary: "The same bits read as another dtype. Types are given.",
  options: "BitcastOptions",
  operands: { input: operand.tensor },
  evaluate: ({ input }, _, [type]) => decode(type!, encode(input)),
});
