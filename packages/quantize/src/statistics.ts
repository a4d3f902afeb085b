import { z } from "zod";
import { JsonFormError, problemsOf, readJson } from "./json-error.ts";

/** What calibration has seen of one value: of all its elements over all samples. */
export interface ValueStatistics {
  readonly min: number;
  readonly max: number;
  /** Elements seen, those that are no finite numbers not among them. */
  readonly count: number;
  /** Infinities and NaNs seen: they are in no range. */
  readonly nonFinite: number;
}

/** What calibration has seen. Merging is associative and commutative, so shards may be gathered in any order. */
export interface Statistics {
  readonly version: 1;
  /** Samples run. */
  readonly samples: number;
  /** By name of the value. */
  readonly values: Readonly<Record<string, ValueStatistics>>;
}

/** Nothing seen yet: what merging starts from. */
export const noStatistics: Statistics = { version: 1, samples: 0, values: {} };

/** What the elements of one tensor say. */
export function statisticsOf(elements: ArrayLike<number>): ValueStatistics {
  let [min, max, count] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (let i = 0; i < elements.length; i++) {
    const x = elements[i]!;
    if (!Number.isFinite(x)) continue;
    if (x < min) min = x;
    if (x > max) max = x;
    count++;
  }
  return count
    ? { min, max, count, nonFinite: elements.length - count }
    : { min: 0, max: 0, count: 0, nonFinite: elements.length };
}

/** What both have seen of one value. */
export function mergeValues(a: ValueStatistics, b: ValueStatistics): ValueStatistics {
  const nonFinite = a.nonFinite + b.nonFinite;
  if (a.count === 0 || b.count === 0) return { ...(a.count === 0 ? b : a), nonFinite };
  return { min: Math.min(a.min, b.min), max: Math.max(a.max, b.max), count: a.count + b.count, nonFinite };
}

/** What all of them have seen. */
export function mergeStatistics(...all: readonly Statistics[]): Statistics {
  const values = new Map<string, ValueStatistics>();
  for (const s of all)
    for (const [name, v] of Object.entries(s.values)) {
      const known = values.get(name);
      values.set(name, known ? mergeValues(known, v) : v);
    }
  // sorted, so that the order of shards does not show
  const sorted = [...values].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return { version: 1, samples: all.reduce((n, s) => n + s.samples, 0), values: Object.fromEntries(sorted) };
}

const count = z.int().min(0);
const value = z
  .strictObject({ min: z.number(), max: z.number(), count, nonFinite: count })
  .refine((v) => v.min <= v.max, { error: (issue) => `min must not be above max, got ${JSON.stringify(issue.input)}` });
const statistics = z.strictObject({
  version: z.literal(1, { error: "expected version 1: another version of tflower wrote this" }),
  samples: count,
  values: z.record(z.string(), value),
});

/** Statistics from the text of a JSON file. Throws a {@link JsonFormError} with everything that is wrong. */
export function parseStatistics(text: string): Statistics {
  const what = "these are no calibration statistics";
  const parsed = statistics.safeParse(readJson(text, what));
  if (!parsed.success) throw new JsonFormError(what, problemsOf(parsed.error));
  return parsed.data;
}

/** The JSON text of statistics. */
export const printStatistics = (s: Statistics): string => `${JSON.stringify(s, null, 1)}\n`;
