import { type Dim, invalid, staticShape, type TensorData, type TensorType, tensor, withShape } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { adaptedShape, adaptedTaps, averagePooled, maxPooled, windowPlaces } from "../semantics/pooling.ts";
import { perAxis } from "../semantics/spatial.ts";

interface Self<T> {
  readonly self: T;
}
interface Size {
  readonly output_size: readonly Dim[];
}
const sizeOf = (a: Size, rank: number): readonly number[] => staticShape(perAxis(a.output_size, rank, "output_size"));

const average = (rank: number) => ({
  infer: ({ self }: Self<TensorType>, a: Size): TensorType =>
    withShape(self, adaptedShape(self.shape, a.output_size, rank)),
  evaluate({ self }: Self<TensorData>, a: Size): TensorData {
    const taps = adaptedTaps(self.type.shape, sizeOf(a, rank));
    const counts = windowPlaces(taps, staticShape(self.type.shape).slice(-rank)).map((w) => w.length);
    return averagePooled(self, taps, (place) => counts[place]!);
  },
});
export const adaptiveAvgPool1d = defineAten("adaptive_avg_pool1d(Tensor self, int[1] output_size) -> Tensor", {
  summary: "Means of as many bins of the last axis as asked for.",
  ...average(1),
});
export const adaptiveAvgPool2d = defineAten("adaptive_avg_pool2d(Tensor self, SymInt[2] output_size) -> Tensor", {
  summary: "Means of as many bins of the last two axes as asked for.",
  ...average(2),
});
export const adaptiveAvgPool3d = defineAten("adaptive_avg_pool3d(Tensor self, SymInt[3] output_size) -> Tensor", {
  summary: "Means of as many bins of the last three axes as asked for.",
  ...average(3),
});
export const _adaptiveAvgPool2d = defineAten("_adaptive_avg_pool2d(Tensor self, SymInt[2] output_size) -> Tensor", {
  summary: "`adaptive_avg_pool2d` in core ATen.",
  ...average(2),
});
export const _adaptiveAvgPool3d = defineAten("_adaptive_avg_pool3d(Tensor self, SymInt[3] output_size) -> Tensor", {
  summary: "`adaptive_avg_pool3d` in core ATen.",
  ...average(3),
});

const max = (rank: number) => ({
  infer({ self }: Self<TensorType>, a: Size): TensorType[] {
    const shape = adaptedShape(self.shape, a.output_size, rank);
    if (self.shape.slice(-rank).includes(0)) invalid("cannot take the largest of no elements");
    return [withShape(self, shape), tensor("i64", shape)];
  },
  evaluate: ({ self }: Self<TensorData>, a: Size): TensorData[] =>
    maxPooled(self, adaptedTaps(self.type.shape, sizeOf(a, rank))),
});
export const adaptiveMaxPool1d = defineAten(
  "adaptive_max_pool1d(Tensor self, int[1] output_size) -> (Tensor, Tensor)",
  {
    summary: "Largest elements of as many bins of the last axis as asked for, and where they stand.",
    ...max(1),
  },
);
export const adaptiveMaxPool2d = defineAten(
  "adaptive_max_pool2d(Tensor self, int[2] output_size) -> (Tensor, Tensor)",
  {
    summary: "Largest elements of as many bins of the last two axes as asked for, and their positions in the plane.",
    ...max(2),
  },
);
export const adaptiveMaxPool3d = defineAten(
  "adaptive_max_pool3d(Tensor self, int[3] output_size) -> (Tensor, Tensor)",
  {
    summary: "Largest elements of as many bins of the last three axes as asked for, and their positions in the volume.",
    ...max(3),
  },
);
