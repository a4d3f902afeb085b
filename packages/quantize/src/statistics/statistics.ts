import { CompileError } from "@tflower/core";
import type { QuantizeCode } from "../codes.ts";
import { mergeValues, type ValueStatistics } from "./value-statistics.ts";

/**
 * What calibration has seen. Merging is associative and commutative, so shards may be gathered in any order; only moving averages are
 * rounded in it.
 */
export interface Statistics {
  readonly version: 1;
  /** What tells the program from others: names and types of its values. */
  readonly program?: string;
  /** Samples run. */
  readonly samples: number;
  /** By name of the value. */
  readonly values: Readonly<Record<string, ValueStatistics>>;
}

/** Nothing seen yet: what merging starts from. */
export const noStatistics: Statistics = { version: 1, samples: 0, values: {} };

/** What all of them have seen. Throws a `CompileError` where they are of different programs. */
export function mergeStatistics(...all: readonly Statistics[]): Statistics {
  const programs = [...new Set(all.flatMap((s) => (s.program === undefined ? [] : [s.program])))].sort();
  if (programs.length > 1)
    throw new CompileError([
      {
        severity: "error",
        code: "QNT0105" satisfies QuantizeCode,
        message: `statistics of different programs cannot be merged: expected those of one program, got ${programs.join(", ")}`,
        help: "calibrate every shard with the same .pt2, the same version of tflower and the same options",
      },
    ]);
  const values = new Map<string, ValueStatistics>();
  for (const s of all)
    for (const [name, v] of Object.entries(s.values)) {
      const known = values.get(name);
      values.set(name, known ? mergeValues(known, v) : v);
    }
  return {
    version: 1,
    ...(programs.length && { program: programs[0]! }),
    samples: all.reduce((n, s) => n + s.samples, 0),
    values: sortedByName(values),
  };
}

/** By name, so that the order in which they came does not show. */
export const sortedByName = (values: ReadonlyMap<string, ValueStatistics>): Statistics["values"] =>
  Object.fromEntries([...values].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
