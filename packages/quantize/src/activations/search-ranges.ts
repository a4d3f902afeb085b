import type { Graph, Module, Value } from "@tflower/core";
import type { Calibration, WantedValues, WhichSamples } from "../calibration.ts";
import { estimateRange } from "../ranges/estimate-range.ts";
import type { Statistics } from "../statistics/statistics.ts";
import { ValueCollector } from "../statistics/value-collector.ts";
import type { ValueStatistics } from "../statistics/value-statistics.ts";
import { decibels, type Outputs, outputError, outputsOf } from "../tuning/output-error.ts";
import { valueNames } from "../value-names.ts";
import type { EstimateRange } from "./choose-ranges.ts";

type Observe = NonNullable<Calibration["observe"]>;

/** A way to find ranges, with a name for people. */
export interface RangeWay {
  readonly name: string;
  readonly estimate: EstimateRange;
}

/** 16 bits have room to spare. */
const room16 = 0.5;
const way = (
  name: string,
  estimate: (seen: ValueStatistics) => { min: number; max: number } | undefined,
): RangeWay => ({
  name,
  estimate(seen, dtype) {
    const found =
      dtype === "i16"
        ? estimateRange(seen, { kind: "minmax", margin: room16 })
        : (estimate(seen) ?? { min: 0, max: 0 });
    return { min: Math.min(0, found?.min ?? 0), max: Math.max(0, found?.max ?? 0) };
  },
});

/** Ways that are tried. The first is taken where nothing can be tried. */
export const rangeWays: readonly RangeWay[] = [
  ...[0.1, 0, 0.05, 0.2, 0.35].map((margin) =>
    way(`least and greatest, and ${100 * margin} %`, (seen) => estimateRange(seen, { kind: "minmax", margin })),
  ),
  way("tails", (seen) => estimateRange(seen, { kind: "tail" })),
  way("least squares", (seen) => estimateRange(seen, { kind: "mse", bits: 8 })),
];

/** Samples that ranges come from, and others that they are tried on: ranges always fit what they come from. */
const step = (of: number): number => 2 * Math.max(1, Math.ceil(of / 64));
const learned: WhichSamples = (sample, of) => sample % step(of) === 0;
const tried: WhichSamples = (sample, of) => sample % (of >= 32 ? 2 * step(of) : step(of)) === 1;

/** What half of the samples say of values, and what the other half gives at the outputs. */
export interface RangeTrial {
  readonly statistics: Statistics;
  readonly right: Outputs;
}

/** Looks at both halves; `undefined` where there are too few samples for that. */
export async function prepareTrial(
  module: Module,
  graph: Graph,
  wanted: WantedValues,
  observe: Observe,
): Promise<RangeTrial | undefined> {
  const right = await outputsOf(module, graph, observe, tried);
  if (right.size === 0) return undefined;
  const names = valueNames(graph);
  const collectors = new Map<Value, ValueCollector>();
  await observe(
    module,
    wanted,
    (value, data, sample) => {
      const collector = collectors.get(value) ?? new ValueCollector();
      collectors.set(value, collector);
      collector.add(data);
      collector.endSample(sample);
    },
    learned,
  );
  const values = Object.fromEntries([...collectors].map(([v, c]) => [names.get(v)!, c.statistics()]));
  return { right, statistics: { version: 1, samples: collectors.size, values } };
}

/** Another way is taken where the error falls below this share of the usual one's. */
const clearly = 0.4;

/** Tries ways of finding ranges on a module that has its quantizers, each set by `use`. Gives the best, and what to say of it. */
export async function tryRanges<W extends { readonly name: string }>(
  module: Module,
  graph: Graph,
  trial: RangeTrial,
  ways: readonly W[],
  use: (way: W) => void,
  observe: Observe,
): Promise<{ readonly best: W; readonly said: string }> {
  const tries: { readonly way: W; readonly error: number }[] = [];
  for (const w of ways) {
    use(w);
    tries.push({ way: w, error: outputError(trial.right, await outputsOf(module, graph, observe, tried)) });
  }
  // a few samples hardly show what is cut off: no room was 1.6 dB better on 16 of them, and 4 dB worse on 200
  const found = tries.reduce((a, b) => (b.error < a.error ? b : a));
  const best = found.error < clearly * tries[0]!.error ? found : tries[0]!;
  const shown = tries.map((t) => `${t.way.name}: ${decibels(t.error)}`).join("; ");
  return { best: best.way, said: `outputs of samples, by how ranges are found: ${shown}; taken: ${best.way.name}` };
}
