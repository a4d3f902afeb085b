import { staticShape } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { folded, foldedType, unfolded, unfoldedType } from "../semantics/sliding-blocks.ts";

export const im2col = defineAten(
  "im2col(Tensor self, int[2] kernel_size, int[2] dilation, int[2] padding, int[2] stride) -> Tensor",
  {
    summary: "Blocks that slide over an image, one column each.",
    infer: ({ self }, a) => unfoldedType(self, a),
    evaluate: ({ self }, a) => unfolded(self, a),
  },
);
export const col2im = defineAten(
  "col2im(Tensor self, SymInt[2] output_size, int[2] kernel_size, int[2] dilation, int[2] padding, int[2] stride) -> Tensor",
  {
    summary: "An image from blocks that slide over it; where blocks overlap they add up.",
    infer: ({ self }, a) => foldedType(self, a.output_size, a),
    evaluate: ({ self }, a) => folded(self, staticShape(a.output_size), a),
  },
);
