import type { Range } from "../statistics/range.ts";
import type { ValueStatistics } from "../statistics/value-statistics.ts";
import { entropyRange } from "./entropy-range.ts";
import { minMaxRange } from "./min-max-range.ts";
import { movingAverageRange } from "./moving-average-range.ts";
import { type Grid, mseRange } from "./mse-range.ts";
import { percentileRange } from "./percentile-range.ts";
import { type TailOptions, tailRange } from "./tail-range.ts";

/** How a range is found from what was seen. */
export type RangeEstimator =
  | { readonly kind: "minmax"; readonly margin?: number }
  | ({ readonly kind: "tail" } & TailOptions)
  | { readonly kind: "percentile"; readonly p: number }
  | ({ readonly kind: "mse" } & Grid)
  | { readonly kind: "entropy"; readonly bits: number }
  | { readonly kind: "moving-average" };

/**
 * The range of a value; `undefined` where no element of it is data. It holds zero only where the data does. Elements of a mask are in no range:
 * `bodyOf(v).masked` says whether there are any.
 */
export function estimateRange(v: ValueStatistics, e: RangeEstimator): Range | undefined {
  switch (e.kind) {
    case "minmax":
      return minMaxRange(v, e);
    case "tail":
      return tailRange(v, e);
    case "percentile":
      return percentileRange(v, e.p);
    case "mse":
      return mseRange(v, e);
    case "entropy":
      return entropyRange(v, e.bits);
    case "moving-average":
      return movingAverageRange(v);
  }
}
