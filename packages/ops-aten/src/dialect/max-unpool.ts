import { type Dim, invalid, staticShape, type TensorData, type TensorType, withShape } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { unpooled } from "../semantics/unpooling.ts";

interface Of<T> {
  readonly self: T;
  readonly indices: T;
}
interface Size {
  readonly output_size: readonly Dim[];
}
const unpooling = (rank: number) => ({
  infer({ self, indices }: Of<TensorType>, { output_size }: Size): TensorType {
    if (indices.dtype !== "i64") invalid(`takes positions of i64, got ${indices.dtype}`);
    if (self.shape.length !== rank + 1 && self.shape.length !== rank + 2)
      invalid(`takes a tensor of rank ${rank + 1} or ${rank + 2}, got ${self.shape.length}`);
    if (output_size.length !== rank) invalid(`takes ${rank} numbers of output_size, got ${output_size.length}`);
    return withShape(self, [...self.shape.slice(0, -rank), ...output_size]);
  },
  evaluate: ({ self, indices }: Of<TensorData>, { output_size }: Size): TensorData =>
    unpooled(self, indices, staticShape(output_size)),
});
export const maxUnpool2d = defineAten("max_unpool2d(Tensor self, Tensor indices, SymInt[2] output_size) -> Tensor", {
  summary: "Zeros, with the elements put where their positions in the plane say.",
  ...unpooling(2),
});
export const maxUnpool3d = defineAten(
  "max_unpool3d(Tensor self, Tensor indices, SymInt[3] output_size, int[3] stride, int[3] padding) -> Tensor",
  {
    summary: "Zeros, with the elements put where their positions in the volume say.",
    ...unpooling(3),
  },
);
