import { invalid, operand, sameDim, showType, tensor } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { multiplied } from "../semantics/integer-product.ts";

export const intMm = defineAten("_int_mm(Tensor self, Tensor mat2) -> Tensor", {
  summary: "Product of matrices of bytes, as 32-bit integers.",
  operands: { self: operand.dtype("i8", "u8"), mat2: operand.dtype("i8", "u8") },
  infer({ self, mat2 }) {
    if (self.shape.length !== 2 || mat2.shape.length !== 2 || !sameDim(self.shape[1]!, mat2.shape[0]!))
      invalid(`multiplies matrices of fitting extents, got ${showType(self)} and ${showType(mat2)}`);
    return tensor("i32", [self.shape[0]!, mat2.shape[1]!]);
  },
  evaluate: ({ self, mat2 }, _, [type]) => multiplied(self, mat2, type!),
});
