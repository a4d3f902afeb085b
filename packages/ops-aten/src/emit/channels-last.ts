import { type Dim, type Emit, sizeOf, type Value } from "@tflower/core";
import { permuteBy, reshapeTo } from "./rearrange.ts";

/** A tensor with its channels behind its spatial axes. */
export interface ChannelsLast {
  /** `[N, ...space, C]`. */
  readonly value: Value;
  /** Takes a `[N, ...space, C]` back to where the channels and the batch were. */
  readonly back: (value: Value) => Value;
}

/**
 * Moves the axis before the last `rank` ones behind them. A missing batch axis becomes one of extent 1; several are joined.
 * Reshapes stand on the channels-last side, so that transposes meet those of neighbours.
 */
export function channelsLast(emit: Emit, x: Value, rank: number): ChannelsLast {
  const { shape } = x.type;
  const lead = shape.length - rank - 1;
  const outer = shape.slice(0, lead);
  const axes = [...outer.keys()];
  const space = Array.from({ length: rank }, (_, i) => i);
  const moved = permuteBy(emit, x, [...axes, ...space.map((i) => lead + 1 + i), lead]);
  return {
    value: lead === 1 ? moved : reshapeTo(emit, moved, [sizeOf(outer), ...shape.slice(lead + 1), shape[lead]!]),
    back(result) {
      const split = lead === 1 ? result : reshapeTo(emit, result, [...outer, ...result.type.shape.slice(1)]);
      return permuteBy(emit, split, [...axes, lead + rank, ...space.map((i) => lead + i)]);
    },
  };
}

/** `[N, W, C]` as an image of one row. */
export const asImage = (emit: Emit, x: Value): Value => reshapeTo(emit, x, x.type.shape.toSpliced(1, 0, 1));
/** Undoes {@link asImage}. */
export const fromImage = (emit: Emit, x: Value): Value => reshapeTo(emit, x, x.type.shape.toSpliced(1, 1));

/** `[N, D, H, W, C]` as images: depth goes to the batch. */
export function depthAsBatch(emit: Emit, x: Value): Value {
  const [n, d, ...image] = x.type.shape as [Dim, Dim, ...Dim[]];
  return reshapeTo(emit, x, [sizeOf([n, d]), ...image]);
}
