import { tfl } from "@tflower/backend-tflite";
import {
  type Dim,
  defineLowering,
  type Emit,
  i32Data,
  isFloat,
  type Rejection,
  reject,
  sameDim,
  sizeOf,
  type Value,
} from "@tflower/core";
import * as aten from "../dialect/upsample.ts";
import { applyAlong, matrixValue } from "../emit/along-axis.ts";
import { asImage, channelsLast, depthAsBatch, fromImage } from "../emit/channels-last.ts";
import { reshapeTo } from "../emit/rearrange.ts";
import { nearestPlaces, type Resampling, sampleMatrix } from "../semantics/resampling.ts";
import { samplesOf, sizeOrScales, type UpsampleMode, type UpsampleSize } from "../semantics/upsampling.ts";

/** One axis to resample, whose extents may be symbolic. */
interface Axis {
  readonly from: Dim;
  readonly to: Dim;
  readonly scale: number | undefined;
}
const known = (a: Axis): a is Axis & Resampling => typeof a.from === "number" && typeof a.to === "number";

/** What the kernels' own formula for nearest neighbours gives. */
const kernelPlaces = ({ from, to }: Resampling, exact: boolean): number[] =>
  Array.from({ length: to }, (_, o) =>
    Math.min(Math.floor(Math.fround((exact ? o + 0.5 : o) * Math.fround(from / to))), from - 1),
  );

/** Whether a resize kernel puts samples where PyTorch does: extents decide there, factors may here. */
function kernelFits(a: Axis, mode: UpsampleMode): boolean {
  if (mode.kind === "nearest" && known(a))
    return nearestPlaces(a, mode.rule).every((p, o) => p === kernelPlaces(a, mode.rule === "centre")[o]);
  if (mode.kind === "linear" && mode.alignCorners) return true;
  if (a.scale === undefined) return true;
  return known(a) ? a.from * a.scale === a.to : Number.isInteger(a.scale);
}

/** Resizes `[N, H, W, C]` by a kernel. */
function resizeImage(emit: Emit, input: Value, size: readonly [Dim, Dim], mode: UpsampleMode): Value {
  if (sameDim(input.type.shape[1]!, size[0]) && sameDim(input.type.shape[2]!, size[1])) return input;
  if (mode.kind === "nearest")
    return emit(tfl.resizeNearestNeighbor, { input }, { size, half_pixel_centers: mode.rule === "centre" });
  const align_corners = mode.kind === "linear" && mode.alignCorners;
  return emit(tfl.resizeBilinear, { input }, { size, align_corners, half_pixel_centers: !align_corners });
}

function resizeSpace(emit: Emit, self: Value, axes: readonly Axis[], mode: UpsampleMode): Value {
  const x = channelsLast(emit, self, axes.length);
  const [first, second, third] = axes.map((a) => a.to) as [Dim, Dim, Dim];
  if (axes.length === 1) return x.back(fromImage(emit, resizeImage(emit, asImage(emit, x.value), [1, first], mode)));
  if (axes.length === 2) return x.back(resizeImage(emit, x.value, [first, second], mode));
  // area first, with depth as batch, then depth, with the area as width
  const [n, d] = x.value.type.shape as [Dim, Dim];
  const flat = resizeImage(emit, depthAsBatch(emit, x.value), [second, third], mode);
  const c = flat.type.shape[3]!;
  const area = sizeOf([second, third]);
  const deep = resizeImage(emit, reshapeTo(emit, flat, [n, d, area, c]), [first, area], mode);
  return x.back(reshapeTo(emit, deep, [n, first, second, third, c]));
}

/** Each axis by itself: nearest neighbours are gathered, anything else is a matrix. */
function resampleAxes(emit: Emit, self: Value, axes: readonly (Axis & Resampling)[], mode: UpsampleMode): Value {
  const first = self.type.shape.length - axes.length;
  return axes.reduce((x, a, i) => {
    if (mode.kind === "nearest") {
      const places = nearestPlaces(a, mode.rule);
      const stays = a.from === a.to && places.every((p, o) => p === o);
      return stays ? x : emit(tfl.gather, { params: x, indices: emit.constant(i32Data(places)) }, { axis: first + i });
    }
    const matrix = sampleMatrix(samplesOf(a, mode), a.from);
    const stays = a.from === a.to && matrix.every((row, o) => row[o] === 1);
    return stays ? x : applyAlong(emit, x, first + i, matrixValue(emit, matrix));
  }, self);
}

function resample(emit: Emit, self: Value, { size, scales }: UpsampleSize, mode: UpsampleMode): Value | Rejection {
  const axes = size.map((to, i): Axis => ({ from: self.type.shape.at(i - size.length)!, to, scale: scales[i] }));
  const { dtype } = self.type;
  if (!isFloat(dtype) && !(mode.kind === "nearest" && ["u8", "i8", "i16"].includes(dtype)))
    return reject(`the resize kernels take floats, got ${dtype}`);
  if ((mode.kind === "nearest" || mode.kind === "linear") && axes.every((a) => kernelFits(a, mode)))
    return resizeSpace(emit, self, axes, mode);
  return axes.every(known)
    ? resampleAxes(emit, self, axes as (Axis & Resampling)[], mode)
    : reject("needs static extents to resample in this mode");
}

const plain =
  (rank: number, mode: aten.ModeOf) =>
  ({ self }: { readonly self: Value }, a: aten.PlainAttrs, emit: Emit): Value | Rejection =>
    resample(emit, self, aten.plainSize(a, rank), mode(a.align_corners ?? false));
const vec =
  (rank: number, mode: aten.ModeOf) =>
  ({ input }: { readonly input: Value }, a: aten.VecAttrs, emit: Emit): Value | Rejection =>
    resample(
      emit,
      input,
      sizeOrScales(input.type, a.output_size, a.scale_factors, rank),
      mode(a.align_corners ?? false),
    );

export const upsampleBicubic2dAa = defineLowering(aten.upsampleBicubic2dAa, plain(2, aten.modes.smoothCubic));
export const upsampleBicubic2dAaVec = defineLowering(aten.upsampleBicubic2dAaVec, vec(2, aten.modes.smoothCubic));
export const upsampleBilinear2dAa = defineLowering(aten.upsampleBilinear2dAa, plain(2, aten.modes.smoothLinear));
export const upsampleBilinear2dAaVec = defineLowering(aten.upsampleBilinear2dAaVec, vec(2, aten.modes.smoothLinear));
export const upsampleLanczos2dAa = defineLowering(aten.upsampleLanczos2dAa, plain(2, aten.modes.lanczos));
export const upsampleLanczos2dAaVec = defineLowering(aten.upsampleLanczos2dAaVec, vec(2, aten.modes.lanczos));
export const upsampleNearestExact1d = defineLowering(aten.upsampleNearestExact1d, plain(1, aten.modes.exact));
export const upsampleNearestExact1dVec = defineLowering(aten.upsampleNearestExact1dVec, vec(1, aten.modes.exact));
export const upsampleNearestExact2d = defineLowering(aten.upsampleNearestExact2d, plain(2, aten.modes.exact));
export const upsampleNearestExact2dVec = defineLowering(aten.upsampleNearestExact2dVec, vec(2, aten.modes.exact));
export const upsampleNearestExact3d = defineLowering(aten.upsampleNearestExact3d, plain(3, aten.modes.exact));
export const upsampleNearestExact3dVec = defineLowering(aten.upsampleNearestExact3dVec, vec(3, aten.modes.exact));
export const upsampleBicubic2d = defineLowering(aten.upsampleBicubic2d, plain(2, aten.modes.cubic));
export const upsampleBicubic2dVec = defineLowering(aten.upsampleBicubic2dVec, vec(2, aten.modes.cubic));
export const upsampleBilinear2d = defineLowering(aten.upsampleBilinear2d, plain(2, aten.modes.linear));
export const upsampleBilinear2dVec = defineLowering(aten.upsampleBilinear2dVec, vec(2, aten.modes.linear));
export const upsampleLinear1d = defineLowering(aten.upsampleLinear1d, plain(1, aten.modes.linear));
export const upsampleLinear1dVec = defineLowering(aten.upsampleLinear1dVec, vec(1, aten.modes.linear));
export const upsampleNearest1d = defineLowering(aten.upsampleNearest1d, plain(1, aten.modes.nearest));
export const upsampleNearest1dVec = defineLowering(aten.upsampleNearest1dVec, vec(1, aten.modes.nearest));
export const upsampleNearest2d = defineLowering(aten.upsampleNearest2d, plain(2, aten.modes.nearestOfImage));
export const upsampleNearest2dVec = defineLowering(aten.upsampleNearest2dVec, vec(2, aten.modes.nearestOfImage));
export const upsampleNearest3d = defineLowering(aten.upsampleNearest3d, plain(3, aten.modes.nearest));
export const upsampleNearest3dVec = defineLowering(aten.upsampleNearest3dVec, vec(3, aten.modes.nearest));
export const upsampleTrilinear3d = defineLowering(aten.upsampleTrilinear3d, plain(3, aten.modes.linear));
export const upsampleTrilinear3dVec = defineLowering(aten.upsampleTrilinear3dVec, vec(3, aten.modes.linear));
