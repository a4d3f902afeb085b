import {
  type Dim,
  defineLowering,
  divideExactly,
  type Emit,
  floorDivDim,
  isStatic,
  mulDim,
  reject,
  sizeOf,
  tensorData,
  type Value,
} from "@tflower/core";
import * as aten from "../dialect/layer-norm.ts";
import { squared } from "../emit/compute.ts";
import { affine, centre, rsqrtPlus } from "../emit/normalize.ts";
import { mul, sub } from "../emit/pointwise.ts";
import { reshapeTo } from "../emit/rearrange.ts";
import { meanOver } from "../emit/reduce.ts";
import { channelShape } from "../semantics/normalization.ts";
import { epsilonOf, trailingAxes } from "../semantics/trailing-axes.ts";

interface Affine {
  readonly input: Value;
  readonly weight?: Value | undefined;
  readonly bias?: Value | undefined;
}
/** The normalized input, its mean and its reciprocal deviation. */
function layer(emit: Emit, { input, weight, bias }: Affine, count: number, eps: number): Value[] {
  const { centred, mean, reciprocal } = centre(emit, input, trailingAxes(input.type.shape.length, count), eps);
  return [affine(emit, mul(emit, centred, reciprocal), weight, bias), mean, reciprocal];
}
export const layerNorm = defineLowering(
  aten.layerNorm,
  (t, { normalized_shape, eps }, emit) => layer(emit, t, normalized_shape.length, eps)[0]!,
);
export const nativeLayerNorm = defineLowering(aten.nativeLayerNorm, (t, { normalized_shape, eps }, emit) =>
  layer(emit, t, normalized_shape.length, eps),
);

/** Means of groups of channels from means of channels `[N, C, 1, ...]`, as `[N, groups, 1]`. */
function groupMeans(emit: Emit, means: Value, groups: number): Value {
  const [n, c] = means.type.shape as [Dim, number];
  return meanOver(emit, reshapeTo(emit, means, [n, groups, c / groups]), [2], true);
}
/** `[N, groups, 1]` for each channel: `[N, C, 1, ...]`, or `[N, 1, 1, ...]` where one number serves all. */
function forChannels(emit: Emit, v: Value, channels: number, rank: number): Value {
  const [n, groups] = v.type.shape as [Dim, number];
  const ones = new Array<Dim>(rank - 2).fill(1);
  if (groups === 1) return reshapeTo(emit, v, [n, 1, ...ones]);
  const per = channels / groups;
  // broadcasting by a product is fast where BROADCAST_TO is not
  const spread =
    per === 1 ? v : mul(emit, v, emit.constant(tensorData("f32", [1, 1, per], new Float32Array(per).fill(1))));
  return reshapeTo(emit, spread, [n, channels, ...ones]);
}

interface Grouped {
  readonly out: Value;
  readonly mean: Value;
  readonly reciprocal: Value;
}
/**
 * Statistics per channel first, then per group: every op on the image is one of whole channels,
 * which is what the image's layout is made for. Channels of a group have as many elements each, so means of means are means.
 */
function groupsOf(emit: Emit, { input, weight, bias }: Affine, channels: number, groups: number, eps: number): Grouped {
  const rank = input.type.shape.length;
  const space = trailingAxes(rank, rank - 2);
  const mean = groupMeans(emit, meanOver(emit, input, space, true), groups);
  const centred = sub(emit, input, forChannels(emit, mean, channels, rank));
  const variance = groupMeans(emit, meanOver(emit, squared(emit, centred), space, true), groups);
  const reciprocal = rsqrtPlus(emit, variance, eps);
  const perChannel = (v: Value | undefined): Value | undefined =>
    v && reshapeTo(emit, v, channelShape<Dim>(channels, rank));
  const scale = forChannels(emit, reciprocal, channels, rank);
  const w = perChannel(weight);
  return { out: affine(emit, centred, w ? mul(emit, scale, w) : scale, perChannel(bias)), mean, reciprocal };
}

export const groupNorm = defineLowering(aten.groupNorm, (t, { num_groups, eps }, emit) => {
  const c = t.input.type.shape[1]!;
  if (!isStatic(c)) return reject("needs a static number of channels");
  return groupsOf(emit, t, c, num_groups, eps).out;
});
export const nativeGroupNorm = defineLowering(aten.nativeGroupNorm, (t, { N, C, group, eps }, emit) => {
  if (!isStatic(C)) return reject("needs a static number of channels");
  const { shape } = t.input.type;
  // the input may come in another shape of N * C * HxW elements
  const shaped =
    shape.length > 2 && shape[1] === C
      ? t.input
      : reshapeTo(emit, t.input, [
          N,
          C,
          divideExactly(sizeOf(shape), mulDim(N, C)) ?? floorDivDim(sizeOf(shape), mulDim(N, C)),
        ]);
  const { out, mean, reciprocal } = groupsOf(emit, { ...t, input: shaped }, C, group, eps);
  return [reshapeTo(emit, out, shape), reshapeTo(emit, mean, [N, group]), reshapeTo(emit, reciprocal, [N, group])];
});

/** `1 / sqrt(mean(x^2) + eps)`, axes kept. */
const reciprocalRms = (emit: Emit, x: Value, count: number, eps: number | undefined): Value =>
  rsqrtPlus(
    emit,
    meanOver(emit, squared(emit, x), trailingAxes(x.type.shape.length, count), true),
    epsilonOf(eps, x.type.dtype),
  );

export const rmsNorm = defineLowering(aten.rmsNorm, ({ input, weight }, { normalized_shape, eps }, emit) =>
  affine(emit, mul(emit, input, reciprocalRms(emit, input, normalized_shape.length, eps)), weight, undefined),
);
export const fusedRmsNorm = defineLowering(aten.fusedRmsNorm, ({ input, weight }, { normalized_shape, eps }, emit) => {
  const reciprocal = reciprocalRms(emit, input, normalized_shape.length, eps);
  return [affine(emit, mul(emit, input, reciprocal), weight, undefined), reciprocal];
});
