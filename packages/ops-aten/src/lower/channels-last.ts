import { type Dim, type Emit, isStatic, mulDim, sizeOf, type TensorData, tensorData, type Value } from "@tflower/core";
import { tfl } from "@tflower/backend-tflite";

/** `value` with its axes in another order. */
export const transposed = (emit: Emit, value: Value, perm: readonly number[]): Value =>
  perm.every((p, i) => p === i) ? value : emit(tfl.transpose, { input: value }, { perm });
/** `value` in another shape. */
export const reshapedTo = (emit: Emit, value: Value, shape: readonly Dim[]): Value => emit(tfl.reshape, { input: value }, { shape });

/** How a tensor with channels before `rank` spatial axes, with or without a batch axis, becomes `[N, ...space, C]` and back. */
export interface ChannelsLast {
  /** `[N, ...space, C]`. */
  readonly value: Value;
  readonly batch: Dim;
  readonly channels: Dim;
  readonly space: readonly Dim[];
  /** Takes `[N, ...space, C]` back to where the channels were; the batch axis goes where there was none. */
  readonly back: (value: Value) => Value;
}

/** Moves channels last. A missing batch axis becomes one of extent 1, more than one are joined. */
export function channelsLast(emit: Emit, value: Value, rank: number): ChannelsLast {
  const shape = value.type.shape;
  const lead = shape.length - rank - 1;
  const outer = shape.slice(0, lead);
  const batch = sizeOf(outer);
  const order = [...outer.keys(), ...Array.from({ length: rank }, (_, i) => lead + 1 + i), lead];
  const moved = transposed(emit, value, order);
  const space = shape.slice(lead + 1);
  const channels = shape[lead]!;
  return {
    value: lead === 1 ? moved : reshapedTo(emit, moved, [batch, ...space, channels]),
    batch,
    channels,
    space,
    back(result) {
      const inner = result.type.shape.slice(1);
      const split = lead === 1 ? result : reshapedTo(emit, result, [...outer, ...inner]);
      return transposed(emit, split, [...outer.keys(), lead + rank, ...Array.from({ length: rank }, (_, i) => lead + i)]);
    },
  };
}

/** `[N, W, C]` as an image of one row, `[N, 1, W, C]`; images stay. */
export const asImage = (emit: Emit, value: Value): Value =>
  value.type.shape.length === 3 ? reshapedTo(emit, value, [value.type.shape[0]!, 1, ...value.type.shape.slice(1)]) : value;
/** Undoes {@link asImage} for results of spatial rank 1. */
export const fromImage = (emit: Emit, value: Value, rank: number): Value =>
  rank === 1 ? reshapedTo(emit, value, [value.type.shape[0]!, ...value.type.shape.slice(2)]) : value;

/** Pads axes with zeros; `pairs` holds before and after by axis. Nothing where there is nothing to pad. */
export function zeroPadded(emit: Emit, value: Value, pairs: readonly (readonly [Dim, Dim])[]): Value {
  if (pairs.every(([a, b]) => a === 0 && b === 0)) return value;
  return emit(tfl.pad, { input: value }, { paddings: pairs.flat() });
}

/** A tensor of zeros. */
export const zeros = (shape: readonly number[]): TensorData =>
  tensorData("f32", shape, new Float32Array(shape.reduce((a, b) => a * b, 1)));

/** The extents as numbers, or `undefined` where one is symbolic. */
export const staticOrNone = (shape: readonly Dim[]): readonly number[] | undefined => (shape.every(isStatic) ? (shape as readonly number[]) : undefined);

export const productOf = (dims: readonly Dim[]): Dim => dims.reduce<Dim>(mulDim, 1);
