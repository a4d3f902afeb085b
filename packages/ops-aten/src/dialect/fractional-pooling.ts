import { invalid, numbersOf, type TensorData, type TensorType, tensor, withShape } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { fractionallyPooled } from "../semantics/fractional-pooling.ts";
import { perAxis } from "../semantics/spatial.ts";

interface Of<T> {
  readonly self: T;
  readonly random_samples: T;
}
interface Attrs {
  readonly kernel_size: readonly number[];
  readonly output_size: readonly number[];
}
const pooling = (rank: number) => ({
  infer({ self }: Of<TensorType>, a: Attrs): TensorType[] {
    if (self.shape.length !== rank + 1 && self.shape.length !== rank + 2)
      invalid(`takes a tensor of rank ${rank + 1} or ${rank + 2}, got ${self.shape.length}`);
    const shape = [...self.shape.slice(0, -rank), ...perAxis(a.output_size, rank, "output_size")];
    return [withShape(self, shape), tensor("i64", shape)];
  },
  evaluate: ({ self, random_samples }: Of<TensorData>, a: Attrs): TensorData[] =>
    fractionallyPooled(
      self,
      numbersOf(random_samples),
      perAxis(a.kernel_size, rank, "kernel_size"),
      perAxis(a.output_size, rank, "output_size"),
    ),
});
export const fractionalMaxPool2d = defineAten(
  "fractional_max_pool2d(Tensor self, int[2] kernel_size, int[2] output_size, Tensor random_samples) -> (Tensor, Tensor)",
  {
    summary:
      "Largest elements over windows of the last two axes whose places are drawn, and their positions in the plane.",
    ...pooling(2),
  },
);
export const fractionalMaxPool3d = defineAten(
  "fractional_max_pool3d(Tensor self, int[3] kernel_size, int[3] output_size, Tensor random_samples) -> (Tensor, Tensor)",
  {
    summary:
      "Largest elements over windows of the last three axes whose places are drawn, and their positions in the volume.",
    ...pooling(3),
  },
);
