import { movingAverage } from "../statistics/moving-range.ts";
import type { Range } from "../statistics/range.ts";
import type { ValueStatistics } from "../statistics/value-statistics.ts";

/**
 * The moving average of the least and the greatest element of each sample, in their order; `undefined` where there were no elements. It clips
 * what single samples reach, and knows no masks: here to compare with tools that calibrate so.
 */
export const movingAverageRange = (v: ValueStatistics): Range | undefined => movingAverage(v.moving);
