import { isFloat, type TensorData, type TensorType } from "@tflower/core";
import type { Executor } from "../executor.ts";
import { type Statistics, sortedByName } from "./statistics.ts";
import { ValueCollector } from "./value-collector.ts";

/** Choices of {@link collectStatistics}. */
export interface CollectOptions {
  /** Index of the first sample among those of all shards, which moving averages need; 0 by default. */
  readonly firstSample?: number;
  /** Whether ranges of the channels of a value are wanted, too; of none, by default. */
  readonly channels?: (name: string, type: TensorType) => boolean;
  /** Is told after each sample how many are done. */
  readonly progress?: (samples: number) => void;
  /** Ends the work between two samples, with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Statistics of all float values over the samples, one sample in memory at a time. */
export async function collectStatistics(
  executor: Executor,
  samples: Iterable<readonly TensorData[]> | AsyncIterable<readonly TensorData[]>,
  o: CollectOptions = {},
): Promise<Statistics> {
  const values = new Map<string, ValueCollector>();
  const first = o.firstSample ?? 0;
  let done = 0;
  o.signal?.throwIfAborted();
  for await (const sample of samples) {
    await executor.run(sample, (name, value) => {
      if (!isFloat(value.type.dtype)) return;
      let collector = values.get(name);
      if (!collector) {
        collector = new ValueCollector({ channels: o.channels?.(name, value.type) ?? false });
        values.set(name, collector);
      }
      collector.add(value);
    });
    for (const c of values.values()) c.endSample(first + done);
    done++;
    o.progress?.(done);
    o.signal?.throwIfAborted();
  }
  return {
    version: 1,
    ...(executor.program !== undefined && { program: executor.program }),
    samples: done,
    values: sortedByName(new Map([...values].map(([name, c]) => [name, c.statistics()]))),
  };
}
