import { type ChannelRanges, mergeChannels } from "./channel-ranges.ts";
import { addExact, type ExactSum, exactToNumber } from "./exact-sum.ts";
import { type Histogram, mergeHistograms, noHistogram } from "./histogram.ts";
import { type MovingSegment, mergeMoving } from "./moving-range.ts";

/**
 * What calibration has seen of one value: of all its elements over all samples, as float32 numbers. All of it merges exactly, but for
 * {@link ValueStatistics.moving}.
 */
export interface ValueStatistics {
  /** The least and the greatest of all elements of magnitudes below `extreme`; 0 where there were none. */
  readonly min: number;
  readonly max: number;
  /**
   * Such elements that were counted: all of those of small tensors and of tensors with masks; of large ones an eighth, {@link min} and
   * {@link max} among them.
   */
  readonly count: number;
  /** Infinities and NaNs: they are in no range. */
  readonly nonFinite: number;
  /** Elements of such a magnitude that they stand for infinity, as the lowest float in a mask: they are in no range either. */
  readonly extreme: number;
  /**
   * The least element above `maskBelow`, where there is one: masks lie below. What is a mask is for `bodyOf` to say, for that takes the whole
   * histogram.
   */
  readonly minAboveMasks?: number;
  /** Of the elements counted. Each observation of the value adds its own sum, rounded to a double; what is added up then is not rounded. */
  readonly sum: ExactSum;
  readonly squares: ExactSum;
  readonly histogram: Histogram;
  /** What a moving average of least and greatest elements per sample needs. */
  readonly moving: readonly MovingSegment[];
  /** Ranges of the channels, where they were asked for. */
  readonly channels?: ChannelRanges;
}

/**
 * Elements that take others out of a softmax or a maximum are this or less: -10000 plus a score is usual. A power of two, so that a bin of the
 * histogram begins here.
 */
export const maskBelow = -8192;

/** What is known of a value that had no elements. */
export const noValues: ValueStatistics = {
  min: 0,
  max: 0,
  count: 0,
  nonFinite: 0,
  extreme: 0,
  sum: "0p0",
  squares: "0p0",
  histogram: noHistogram,
  moving: [],
};

/** What both have seen of one value. */
export function mergeValues(a: ValueStatistics, b: ValueStatistics): ValueStatistics {
  const [x, y] = [a.minAboveMasks, b.minAboveMasks];
  const above = x === undefined ? y : y === undefined ? x : Math.min(x, y);
  const channels = mergeChannels(a.channels, b.channels);
  return {
    min: a.count === 0 ? b.min : b.count === 0 ? a.min : Math.min(a.min, b.min),
    max: a.count === 0 ? b.max : b.count === 0 ? a.max : Math.max(a.max, b.max),
    count: a.count + b.count,
    nonFinite: a.nonFinite + b.nonFinite,
    extreme: a.extreme + b.extreme,
    ...(above !== undefined && { minAboveMasks: above }),
    sum: addExact(a.sum, b.sum),
    squares: addExact(a.squares, b.squares),
    histogram: mergeHistograms(a.histogram, b.histogram),
    moving: mergeMoving(a.moving, b.moving),
    ...(channels && { channels }),
  };
}

/** The mean of the elements counted; 0 where there were none. */
export const meanOf = (v: ValueStatistics): number => (v.count ? exactToNumber(v.sum) / v.count : 0);
/** The mean of their squares. */
export const meanSquareOf = (v: ValueStatistics): number => (v.count ? exactToNumber(v.squares) / v.count : 0);
