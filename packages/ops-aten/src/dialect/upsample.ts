import type { Dim, TensorData, TensorType } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { filters } from "../semantics/resampling.ts";
import {
  sizeOrScales,
  type UpsampleMode,
  type UpsampleSize,
  upsampled,
  upsampledType,
} from "../semantics/upsampling.ts";

/** Attributes of the overload that takes a size or factors. */
export interface VecAttrs {
  readonly output_size: readonly Dim[] | undefined;
  readonly scale_factors: readonly number[] | undefined;
  readonly align_corners?: boolean;
}
/** Attributes of the overload that takes a size, and factors besides. */
export interface PlainAttrs {
  readonly output_size: readonly Dim[];
  readonly align_corners?: boolean;
  readonly scales?: number | undefined;
  readonly scales_d?: number | undefined;
  readonly scales_h?: number | undefined;
  readonly scales_w?: number | undefined;
}
/** The factors of the axes resampled, the last `rank` of depth, height and width. */
export const plainSize = (a: PlainAttrs, rank: number): UpsampleSize => ({
  size: a.output_size,
  scales: rank === 1 ? [a.scales] : [a.scales_d, a.scales_h, a.scales_w].slice(-rank),
});

/** Modes by whether the outer pixels' centres are put on one another. */
export type ModeOf = (alignCorners: boolean) => UpsampleMode;
export const modes = {
  nearest: () => ({ kind: "nearest", rule: "left" }),
  nearestOfImage: () => ({ kind: "nearest", rule: "left of image" }),
  exact: () => ({ kind: "nearest", rule: "centre" }),
  linear: (alignCorners) => ({ kind: "linear", alignCorners }),
  cubic: (alignCorners) => ({ kind: "cubic", alignCorners }),
  smoothLinear: (alignCorners) => ({ kind: "filter", filter: filters.linear, alignCorners }),
  smoothCubic: (alignCorners) => ({ kind: "filter", filter: filters.cubic, alignCorners }),
  lanczos: (alignCorners) => ({ kind: "filter", filter: filters.lanczos, alignCorners }),
} as const satisfies Record<string, ModeOf>;

const plain = (rank: number, mode: ModeOf) => ({
  infer: ({ self }: { readonly self: TensorType }, a: PlainAttrs): TensorType =>
    upsampledType(self, plainSize(a, rank)),
  evaluate: ({ self }: { readonly self: TensorData }, a: PlainAttrs): TensorData =>
    upsampled(self, plainSize(a, rank), mode(a.align_corners ?? false)),
});
const vec = (rank: number, mode: ModeOf) => ({
  infer: ({ input }: { readonly input: TensorType }, a: VecAttrs): TensorType =>
    upsampledType(input, sizeOrScales(input, a.output_size, a.scale_factors, rank)),
  evaluate: ({ input }: { readonly input: TensorData }, a: VecAttrs): TensorData =>
    upsampled(input, sizeOrScales(input.type, a.output_size, a.scale_factors, rank), mode(a.align_corners ?? false)),
});

export const upsampleBicubic2dAa = defineAten(
  "_upsample_bicubic2d_aa(Tensor self, SymInt[2] output_size, bool align_corners, float? scales_h=None, float? scales_w=None) -> Tensor",
  {
    summary: "Resamples the last two axes to a size: smooths by a cubic filter.",
    ...plain(2, modes.smoothCubic),
  },
);
export const upsampleBicubic2dAaVec = defineAten(
  "_upsample_bicubic2d_aa.vec(Tensor input, SymInt[]? output_size, bool align_corners, float[]? scale_factors) -> Tensor",
  {
    summary: "Resamples the last two axes by size or factor: smooths by a cubic filter.",
    ...vec(2, modes.smoothCubic),
  },
);
export const upsampleBilinear2dAa = defineAten(
  "_upsample_bilinear2d_aa(Tensor self, SymInt[2] output_size, bool align_corners, float? scales_h=None, float? scales_w=None) -> Tensor",
  {
    summary: "Resamples the last two axes to a size: smooths by a triangular filter.",
    ...plain(2, modes.smoothLinear),
  },
);
export const upsampleBilinear2dAaVec = defineAten(
  "_upsample_bilinear2d_aa.vec(Tensor input, SymInt[]? output_size, bool align_corners, float[]? scale_factors) -> Tensor",
  {
    summary: "Resamples the last two axes by size or factor: smooths by a triangular filter.",
    ...vec(2, modes.smoothLinear),
  },
);
export const upsampleLanczos2dAa = defineAten(
  "_upsample_lanczos2d_aa(Tensor self, SymInt[2] output_size, bool align_corners, float? scales_h=None, float? scales_w=None) -> Tensor",
  {
    summary: "Resamples the last two axes to a size: smooths by Lanczos' filter.",
    ...plain(2, modes.lanczos),
  },
);
export const upsampleLanczos2dAaVec = defineAten(
  "_upsample_lanczos2d_aa.vec(Tensor input, SymInt[]? output_size, bool align_corners, float[]? scale_factors) -> Tensor",
  {
    summary: "Resamples the last two axes by size or factor: smooths by Lanczos' filter.",
    ...vec(2, modes.lanczos),
  },
);
export const upsampleNearestExact1d = defineAten(
  "_upsample_nearest_exact1d(Tensor self, SymInt[1] output_size, float? scales=None) -> Tensor",
  {
    summary: "Resamples the last axis to a size: takes the element whose pixel covers the centre.",
    ...plain(1, modes.exact),
  },
);
export const upsampleNearestExact1dVec = defineAten(
  "_upsample_nearest_exact1d.vec(Tensor input, SymInt[]? output_size, float[]? scale_factors) -> Tensor",
  {
    summary: "Resamples the last axis by size or factor: takes the element whose pixel covers the centre.",
    ...vec(1, modes.exact),
  },
);
export const upsampleNearestExact2d = defineAten(
  "_upsample_nearest_exact2d(Tensor self, SymInt[2] output_size, float? scales_h=None, float? scales_w=None) -> Tensor",
  {
    summary: "Resamples the last two axes to a size: takes the element whose pixel covers the centre.",
    ...plain(2, modes.exact),
  },
);
export const upsampleNearestExact2dVec = defineAten(
  "_upsample_nearest_exact2d.vec(Tensor input, SymInt[]? output_size, float[]? scale_factors) -> Tensor",
  {
    summary: "Resamples the last two axes by size or factor: takes the element whose pixel covers the centre.",
    ...vec(2, modes.exact),
  },
);
export const upsampleNearestExact3d = defineAten(
  "_upsample_nearest_exact3d(Tensor self, SymInt[3] output_size, float? scales_d=None, float? scales_h=None, float? scales_w=None) -> Tensor",
  {
    summary: "Resamples the last three axes to a size: takes the element whose pixel covers the centre.",
    ...plain(3, modes.exact),
  },
);
export const upsampleNearestExact3dVec = defineAten(
  "_upsample_nearest_exact3d.vec(Tensor input, SymInt[]? output_size, float[]? scale_factors) -> Tensor",
  {
    summary: "Resamples the last three axes by size or factor: takes the element whose pixel covers the centre.",
    ...vec(3, modes.exact),
  },
);
export const upsampleBicubic2d = defineAten(
  "upsample_bicubic2d(Tensor self, SymInt[2] output_size, bool align_corners, float? scales_h=None, float? scales_w=None) -> Tensor",
  {
    summary: "Resamples the last two axes to a size: interpolates cubically.",
    ...plain(2, modes.cubic),
  },
);
export const upsampleBicubic2dVec = defineAten(
  "upsample_bicubic2d.vec(Tensor input, SymInt[]? output_size, bool align_corners, float[]? scale_factors) -> Tensor",
  {
    summary: "Resamples the last two axes by size or factor: interpolates cubically.",
    ...vec(2, modes.cubic),
  },
);
export const upsampleBilinear2d = defineAten(
  "upsample_bilinear2d(Tensor self, SymInt[2] output_size, bool align_corners, float? scales_h=None, float? scales_w=None) -> Tensor",
  {
    summary: "Resamples the last two axes to a size: interpolates linearly.",
    ...plain(2, modes.linear),
  },
);
export const upsampleBilinear2dVec = defineAten(
  "upsample_bilinear2d.vec(Tensor input, SymInt[]? output_size, bool align_corners, float[]? scale_factors) -> Tensor",
  {
    summary: "Resamples the last two axes by size or factor: interpolates linearly.",
    ...vec(2, modes.linear),
  },
);
export const upsampleLinear1d = defineAten(
  "upsample_linear1d(Tensor self, SymInt[1] output_size, bool align_corners, float? scales=None) -> Tensor",
  {
    summary: "Resamples the last axis to a size: interpolates linearly.",
    ...plain(1, modes.linear),
  },
);
export const upsampleLinear1dVec = defineAten(
  "upsample_linear1d.vec(Tensor input, SymInt[]? output_size, bool align_corners, float[]? scale_factors) -> Tensor",
  {
    summary: "Resamples the last axis by size or factor: interpolates linearly.",
    ...vec(1, modes.linear),
  },
);
export const upsampleNearest1d = defineAten(
  "upsample_nearest1d(Tensor self, SymInt[1] output_size, float? scales=None) -> Tensor",
  {
    summary: "Resamples the last axis to a size: takes the element to the left.",
    ...plain(1, modes.nearest),
  },
);
export const upsampleNearest1dVec = defineAten(
  "upsample_nearest1d.vec(Tensor input, SymInt[]? output_size, float[]? scale_factors) -> Tensor",
  {
    summary: "Resamples the last axis by size or factor: takes the element to the left.",
    ...vec(1, modes.nearest),
  },
);
export const upsampleNearest2d = defineAten(
  "upsample_nearest2d(Tensor self, SymInt[2] output_size, float? scales_h=None, float? scales_w=None) -> Tensor",
  {
    summary: "Resamples the last two axes to a size: takes the element to the left.",
    ...plain(2, modes.nearestOfImage),
  },
);
export const upsampleNearest2dVec = defineAten(
  "upsample_nearest2d.vec(Tensor input, SymInt[]? output_size, float[]? scale_factors) -> Tensor",
  {
    summary: "Resamples the last two axes by size or factor: takes the element to the left.",
    ...vec(2, modes.nearestOfImage),
  },
);
export const upsampleNearest3d = defineAten(
  "upsample_nearest3d(Tensor self, SymInt[3] output_size, float? scales_d=None, float? scales_h=None, float? scales_w=None) -> Tensor",
  {
    summary: "Resamples the last three axes to a size: takes the element to the left.",
    ...plain(3, modes.nearest),
  },
);
export const upsampleNearest3dVec = defineAten(
  "upsample_nearest3d.vec(Tensor input, SymInt[]? output_size, float[]? scale_factors) -> Tensor",
  {
    summary: "Resamples the last three axes by size or factor: takes the element to the left.",
    ...vec(3, modes.nearest),
  },
);
export const upsampleTrilinear3d = defineAten(
  "upsample_trilinear3d(Tensor self, SymInt[3] output_size, bool align_corners, float? scales_d=None, float? scales_h=None, float? scales_w=None) -> Tensor",
  {
    summary: "Resamples the last three axes to a size: interpolates linearly.",
    ...plain(3, modes.linear),
  },
);
export const upsampleTrilinear3dVec = defineAten(
  "upsample_trilinear3d.vec(Tensor input, SymInt[]? output_size, bool align_corners, float[]? scale_factors) -> Tensor",
  {
    summary: "Resamples the last three axes by size or factor: interpolates linearly.",
    ...vec(3, modes.linear),
  },
);
