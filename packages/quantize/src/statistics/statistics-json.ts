import { z } from "zod";
import { JsonFormError, problemsOf, readJson } from "../json-error.ts";
import { isExactSum } from "./exact-sum.ts";
import { binOf, extremeBin } from "./histogram.ts";
import type { Statistics } from "./statistics.ts";
import { maskBelow, type ValueStatistics } from "./value-statistics.ts";

/** Zero has two signs, which histograms tell apart and ranges do not. */
const sameBin = (bin: number, x: number): boolean => bin === binOf(x) || (x === 0 && bin === -1);

const count = z.int().min(0);
const sum = z
  .string()
  .refine(isExactSum, { error: (i) => `expected a sum as "-1f3p-20", got ${JSON.stringify(i.input)}` });
const range = z
  .strictObject({ min: z.number(), max: z.number() })
  .refine((r) => r.min <= r.max, { error: (i) => `min must not be above max, got ${JSON.stringify(i.input)}` });
const histogram = z
  .strictObject({
    bins: z.array(
      z
        .int()
        .min(-extremeBin)
        .max(extremeBin - 1),
    ),
    counts: z.array(z.int().min(1)),
  })
  .refine((h) => h.bins.length === h.counts.length, { error: "expected as many counts as bins" })
  .refine((h) => h.bins.every((b, i) => i === 0 || h.bins[i - 1]! < b), { error: "expected ascending bins" });
const segment = z
  .strictObject({ from: count, to: count, n: z.int().min(1), first: range, rest: range })
  .refine((s) => s.from + s.n <= s.to, {
    error: (i) => `expected n samples from "from" to "to", got ${JSON.stringify(i.input)}`,
  });
const ends = z.array(z.number().nullable());
const channels = z
  .strictObject({ min: ends, max: ends })
  .refine((c) => c.min.length === c.max.length, { error: "expected as many greatest as least elements" });
const value = z
  .strictObject({
    min: z.number(),
    max: z.number(),
    count,
    nonFinite: count,
    extreme: count,
    minAboveMasks: z.number().optional(),
    sum,
    squares: sum,
    histogram,
    moving: z.array(segment),
    channels: channels.optional(),
  })
  .refine((v) => v.min <= v.max, {
    error: (i) => {
      const { min, max } = i.input as ValueStatistics;
      return `min must not be above max, got ${min} and ${max}`;
    },
  })
  .refine((v) => v.histogram.counts.reduce((n, c) => n + c, 0) === v.count, {
    error: "the counts of the histogram must add up to count",
  })
  .refine((v) => v.count === 0 || (sameBin(v.histogram.bins[0]!, v.min) && sameBin(v.histogram.bins.at(-1)!, v.max)), {
    error: "min and max must lie in the first and the last bin of the histogram",
  })
  .refine((v) => (v.minAboveMasks ?? v.max) >= v.min && (v.minAboveMasks ?? v.max) <= v.max, {
    error: `minAboveMasks must be the least element above ${maskBelow}, so from min to max`,
  });
const statistics = z.strictObject({
  version: z.literal(1, { error: "expected version 1: another version of tflower wrote this" }),
  program: z.string().optional(),
  samples: count,
  // as pairs: an object of zod's would lose a value called __proto__
  values: z.preprocess(
    (v) => (typeof v === "object" && v !== null && !Array.isArray(v) ? new Map(Object.entries(v)) : v),
    z.map(z.string(), value, { error: "expected an object with the values by name" }),
  ),
});

const what = "these are no calibration statistics";

/** Statistics from the text of a JSON file. Throws a {@link JsonFormError} with everything that is wrong. */
export function parseStatistics(text: string): Statistics {
  const parsed = statistics.safeParse(readJson(text, what));
  if (!parsed.success) throw new JsonFormError(what, problemsOf(parsed.error));
  // zod leaves out what is absent, which its types do not say
  return { ...parsed.data, values: Object.fromEntries(parsed.data.values) } as Statistics;
}

/** The JSON text of statistics: one value on a line. */
export function printStatistics(s: Statistics): string {
  const { values, ...head } = s;
  const lines = Object.entries(values).map(([name, v]) => `  ${JSON.stringify(name)}: ${JSON.stringify(v)}`);
  const body = lines.length ? `{\n${lines.join(",\n")}\n }` : "{}";
  return `${JSON.stringify(head, null, 1).slice(0, -2)},\n "values": ${body}\n}\n`;
}
