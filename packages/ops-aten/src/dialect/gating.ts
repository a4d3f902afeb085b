import {
  broadcastShapes,
  type Dim,
  floorDivDim,
  invalid,
  showType,
  type TensorData,
  tensor,
  withShape,
} from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { axisOf } from "../semantics/axes.ts";
import { sigmoid } from "../semantics/functions.ts";
import { mapNumbers } from "../semantics/pointwise.ts";
import { wantKinds } from "../semantics/result-types.ts";
import { reshaped, slicedAlong } from "../semantics/views.ts";

export const glu = defineAten("glu(Tensor self, int dim=-1) -> Tensor", {
  summary: "The first half along an axis times the sigmoid of the second.",
  infer({ self }, { dim }) {
    wantKinds(self, ["float"]);
    const axis = axisOf(dim, self.shape.length);
    const extent = self.shape[axis];
    if (extent === undefined || (typeof extent === "number" && extent % 2 !== 0))
      invalid(`halves an even axis, got axis ${axis} of ${showType(self)}`);
    return withShape(self, self.shape.with(axis, floorDivDim(extent as Dim, 2)));
  },
  evaluate({ self }, { dim }, [type]) {
    const axis = axisOf(dim, self.type.shape.length);
    const half = self.type.shape[axis]! / 2;
    return mapNumbers(
      type!,
      [slicedAlong(self, axis, 0, half), slicedAlong(self, axis, half, half)],
      (a, b) => a * sigmoid(b),
    );
  },
});

/** Where the slopes of `prelu` lie: along the second axis, unless there is only one. */
export const slopeShape = (rank: number, count: number): readonly number[] =>
  rank < 2 || count === 1
    ? new Array<number>(Math.min(rank, 1)).fill(count)
    : [count, ...new Array<number>(rank - 2).fill(1)];
const leaky = (x: TensorData, slopes: TensorData): TensorData =>
  mapNumbers(x.type, [x, slopes], (v, s) => (v > 0 ? v : v * s));

export const prelu = defineAten("prelu(Tensor self, Tensor weight) -> Tensor", {
  summary: "`x` above zero, `weight * x` below; one weight, or one for each channel.",
  infer({ self, weight }) {
    wantKinds(self, ["float"]);
    if (weight.shape.length > 1) invalid(`takes weights of rank 0 or 1, got ${showType(weight)}`);
    const channels = self.shape[1] ?? 1;
    const [count = 1] = weight.shape;
    if (typeof count === "number" && typeof channels === "number" && count !== 1 && count !== channels)
      invalid(`has ${count} weights for ${channels} channels`);
    return tensor(self.dtype, self.shape);
  },
  evaluate: ({ self, weight }) => leaky(self, reshaped(weight, slopeShape(self.type.shape.length, weight.data.length))),
});
export const preluKernel = defineAten("_prelu_kernel(Tensor self, Tensor weight) -> Tensor", {
  summary: "`x` above zero, `weight * x` below; weights broadcast.",
  traits: { elementwise: true },
  infer({ self, weight }) {
    wantKinds(self, ["float"]);
    return tensor(self.dtype, broadcastShapes(self.shape, weight.shape));
  },
  evaluate: ({ self, weight }) => leaky(self, weight),
});
