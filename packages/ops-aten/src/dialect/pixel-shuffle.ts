import {
  type Dim,
  divideExactly,
  floorDivDim,
  invalid,
  isStatic,
  mulDim,
  staticShape,
  type TensorData,
  type TensorType,
  withShape,
} from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { permuted, reshaped } from "../semantics/views.ts";

/** Leading axes, channels, height and width of an image batch. */
function imageOf(shape: readonly Dim[]): {
  readonly batch: readonly Dim[];
  readonly c: Dim;
  readonly h: Dim;
  readonly w: Dim;
} {
  if (shape.length < 3) invalid(`expects at least 3 axes, got ${shape.length}`);
  const [c, h, w] = shape.slice(-3) as [Dim, Dim, Dim];
  return { batch: shape.slice(0, -3), c, h, w };
}
function quotient(a: Dim, b: Dim, what: string): Dim {
  if (isStatic(a) && isStatic(b) && a % b !== 0) invalid(`${what} ${a} is not a multiple of ${b}`);
  return divideExactly(a, b) ?? floorDivDim(a, b);
}
/** Reshapes the last axes behind `batch` to `inner`, permutes those, and reshapes to `shape`. */
function rearranged(
  x: TensorData,
  batch: readonly Dim[],
  inner: readonly Dim[],
  perm: readonly number[],
  shape: readonly Dim[],
): TensorData {
  const split = reshaped(x, staticShape([...batch, ...inner]));
  return reshaped(
    permuted(split, [...batch.map((_, i) => i), ...perm.map((p) => batch.length + p)]),
    staticShape(shape),
  );
}

export const pixelShuffle = defineAten("pixel_shuffle(Tensor self, int upscale_factor) -> Tensor", {
  summary: "Channels to space: `r*r` channels become a block of `r` by `r` pixels.",
  infer({ self }, { upscale_factor: r }) {
    const { batch, c, h, w } = imageOf(self.shape);
    return withShape(self, [...batch, quotient(c, r * r, "number of channels"), mulDim(h, r), mulDim(w, r)]);
  },
  evaluate({ self }, attrs) {
    const r = attrs.upscale_factor;
    const { batch, c, h, w } = imageOf(self.type.shape);
    const to = (c as number) / (r * r);
    return rearranged(self, batch, [to, r, r, h, w], [0, 3, 1, 4, 2], [...batch, to, mulDim(h, r), mulDim(w, r)]);
  },
});
export const pixelUnshuffle = defineAten("pixel_unshuffle(Tensor self, int downscale_factor) -> Tensor", {
  summary: "Space to channels: a block of `r` by `r` pixels becomes `r*r` channels.",
  infer({ self }, { downscale_factor: r }) {
    const { batch, c, h, w } = imageOf(self.shape);
    return withShape(self, [...batch, mulDim(c, r * r), quotient(h, r, "height"), quotient(w, r, "width")]);
  },
  evaluate({ self }, { downscale_factor: r }) {
    const { batch, c, h, w } = imageOf(self.type.shape) as { batch: number[]; c: number; h: number; w: number };
    return rearranged(self, batch, [c, h / r, r, w / r, r], [0, 2, 4, 1, 3], [...batch, c * r * r, h / r, w / r]);
  },
});

interface GroupAttrs {
  readonly groups: Dim;
}
const shuffling = {
  infer({ self }: { readonly self: TensorType }, { groups }: GroupAttrs): TensorType {
    if (self.shape.length < 3) invalid(`expects at least 3 axes, got ${self.shape.length}`);
    if (isStatic(groups) && groups < 1) invalid(`needs a positive number of groups, got ${groups}`);
    quotient(self.shape[1]!, groups, "number of channels");
    return self;
  },
  evaluate({ self }: { readonly self: TensorData }, { groups }: GroupAttrs): TensorData {
    const [n, c, ...rest] = self.type.shape as [number, number, ...number[]];
    const each = quotient(c, groups, "number of channels");
    return rearranged(self, [n], [groups, each, rest.reduce((a, b) => a * b, 1)], [1, 0, 2], self.type.shape);
  },
};
export const channelShuffle = defineAten("channel_shuffle(Tensor self, SymInt groups) -> Tensor", {
  summary: "Interleaves groups of channels.",
  ...shuffling,
});
export const nativeChannelShuffle = defineAten("native_channel_shuffle(Tensor self, SymInt groups) -> Tensor", {
  summary: "Interleaves groups of channels.",
  ...shuffling,
});
