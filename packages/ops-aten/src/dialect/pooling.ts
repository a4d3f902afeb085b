import { attr, type TensorData, type TensorType, tensor, withShape } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import {
  averagePooled,
  maxPooled,
  type PoolAttrs,
  paddedCounts,
  pooledShape,
  poolSlides,
  poolTaps,
  productsByPlace,
} from "../semantics/pooling.ts";

interface Self<T> {
  readonly self: T;
}
const maxTypes = (self: TensorType, a: PoolAttrs, rank: number): [TensorType, TensorType] => {
  const shape = pooledShape(self.shape, a, rank);
  return [withShape(self, shape), tensor("i64", shape)];
};
const max = (rank: number) => ({
  infer: ({ self }: Self<TensorType>, a: PoolAttrs): TensorType => maxTypes(self, a, rank)[0],
  evaluate: ({ self }: Self<TensorData>, a: PoolAttrs): TensorData =>
    maxPooled(self, poolTaps(self.type.shape, a, rank))[0],
});
const maxWithIndices = (rank: number) => ({
  infer: ({ self }: Self<TensorType>, a: PoolAttrs): TensorType[] => maxTypes(self, a, rank),
  evaluate: ({ self }: Self<TensorData>, a: PoolAttrs): TensorData[] =>
    maxPooled(self, poolTaps(self.type.shape, a, rank)),
});

export const maxPool1d = defineAten(
  "max_pool1d(Tensor self, int[1] kernel_size, int[1] stride=[], int[1] padding=[0], int[1] dilation=[1], bool ceil_mode=False) -> Tensor",
  { summary: "Largest element over windows of the last axis.", ...max(1) },
);
export const maxPool2d = defineAten(
  "max_pool2d(Tensor self, int[2] kernel_size, int[2] stride=[], int[2] padding=0, int[2] dilation=1, bool ceil_mode=False) -> Tensor",
  { summary: "Largest element over windows of the last two axes.", ...max(2) },
);
export const maxPool3d = defineAten(
  "max_pool3d(Tensor self, int[3] kernel_size, int[3] stride=[], int[3] padding=0, int[3] dilation=1, bool ceil_mode=False) -> Tensor",
  { summary: "Largest element over windows of the last three axes.", ...max(3) },
);
export const maxPool1dWithIndices = defineAten(
  "max_pool1d_with_indices(Tensor self, int[1] kernel_size, int[1] stride=[], int[1] padding=[0], int[1] dilation=[1], bool ceil_mode=False) -> (Tensor, Tensor)",
  { summary: "Largest element over windows of the last axis, and where it stands.", ...maxWithIndices(1) },
);
export const maxPool2dWithIndices = defineAten(
  "max_pool2d_with_indices(Tensor self, int[2] kernel_size, int[2] stride=[], int[2] padding=0, int[2] dilation=1, bool ceil_mode=False) -> (Tensor, Tensor)",
  {
    summary: "Largest element over windows of the last two axes, and its position in the plane.",
    ...maxWithIndices(2),
  },
);
export const maxPool3dWithIndices = defineAten(
  "max_pool3d_with_indices(Tensor self, int[3] kernel_size, int[3] stride=[], int[3] padding=0, int[3] dilation=1, bool ceil_mode=False) -> (Tensor, Tensor)",
  {
    summary: "Largest element over windows of the last three axes, and its position in the volume.",
    ...maxWithIndices(3),
  },
);

/** What windows of an average are divided by. */
export interface AverageAttrs extends PoolAttrs {
  readonly count_include_pad: boolean;
  readonly divisor_override?: number | undefined;
}
const average = (rank: number) => ({
  infer: ({ self }: Self<TensorType>, a: AverageAttrs): TensorType => withShape(self, pooledShape(self.shape, a, rank)),
  evaluate({ self }: Self<TensorData>, a: AverageAttrs): TensorData {
    const shape: readonly number[] = self.type.shape;
    const taps = poolTaps(shape, a, rank);
    const counts = productsByPlace(
      poolSlides(a, rank).map((s, i) =>
        a.count_include_pad ? paddedCounts(shape.at(i - rank)!, taps[i]!.length, s) : taps[i]!.map((t) => t.length),
      ),
    );
    return averagePooled(self, taps, (place) => a.divisor_override ?? counts[place]!);
  },
});
export const avgPool1d = defineAten(
  "avg_pool1d(Tensor self, int[1] kernel_size, int[1] stride=[], int[1] padding=[0], bool ceil_mode=False, bool count_include_pad=True) -> Tensor",
  { summary: "Mean over windows of the last axis.", ...average(1) },
);
export const avgPool2d = defineAten(
  "avg_pool2d(Tensor self, int[2] kernel_size, int[2] stride=[], int[2] padding=0, bool ceil_mode=False, bool count_include_pad=True, int? divisor_override=None) -> Tensor",
  {
    summary: "Mean over windows of the last two axes.",
    attrs: { divisor_override: attr.optional(attr.int).default_(undefined) },
    ...average(2),
  },
);
export const avgPool3d = defineAten(
  "avg_pool3d(Tensor self, int[3] kernel_size, int[3] stride=[], int[3] padding=0, bool ceil_mode=False, bool count_include_pad=True, int? divisor_override=None) -> Tensor",
  {
    summary: "Mean over windows of the last three axes.",
    attrs: { divisor_override: attr.optional(attr.int).default_(undefined) },
    ...average(3),
  },
);
