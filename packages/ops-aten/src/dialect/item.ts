import { countOf, invalid, showType, type TensorData, type TensorType, tensor } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { reshaped } from "../semantics/views.ts";

const number = {
  traits: { readsNumber: true },
  infer({ self }: { readonly self: TensorType }): TensorType {
    if (self.shape.some((d) => typeof d === "number" && d !== 1))
      invalid(`reads a number out of a tensor of one element, got ${showType(self)}`);
    return tensor(self.dtype, []);
  },
  evaluate({ self }: { readonly self: TensorData }): TensorData {
    if (countOf(self.type.shape) !== 1) throw new RangeError(`expected one element, got ${showType(self.type)}`);
    return reshaped(self, []);
  },
};
export const localScalarDense = defineAten("_local_scalar_dense(Tensor self) -> Scalar", {
  summary: "The only element of a tensor, as a number.",
  ...number,
});
export const item = defineAten("item(Tensor self) -> Scalar", {
  summary: "The only element of a tensor, as a number.",
  ...number,
});
