import { attr, operand } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { erf } from "../semantics/special.ts";
import { mapNumbers } from "../semantics/pointwise.ts";

export const gelu = defineAten("gelu(Tensor self, *, str approximate='none') -> Tensor", {
  summary: "Gaussian error linear unit: `x * Phi(x)`.",
  operands: { self: operand.float },
  attrs: { approximate: attr.oneOf("none", "tanh").default_("none") },
  traits: { elementwise: true },
  infer: ({ self }) => self,
  evaluate: ({ self }, { approximate }, [type]) =>
    mapNumbers(
      type!,
      [self],
      approximate === "tanh"
        ? (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))
        : (x) => 0.5 * x * (1 + erf(x / Math.SQRT2)),
    ),
});
