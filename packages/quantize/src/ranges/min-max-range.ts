import type { Range } from "../statistics/range.ts";
import type { ValueStatistics } from "../statistics/value-statistics.ts";
import { bodyOf } from "./body.ts";

/**
 * The least and the greatest element; `undefined` where there are none. With a margin of 0.1, both ends lie a tenth farther from zero: a
 * few samples do not have what many have, and clipping costs more than a wider step.
 */
export function minMaxRange(v: ValueStatistics, o: { readonly margin?: number } = {}): Range | undefined {
  const body = bodyOf(v);
  return body && withMargin(body, o.margin ?? 0);
}

/** A range with its ends farther from zero. An end at zero stays there: beyond it is nothing, as behind a ReLU. */
export const withMargin = ({ min, max }: Range, margin: number): Range => ({
  min: min < 0 ? min * (1 + margin) : min,
  max: max > 0 ? max * (1 + margin) : max,
});
