import { isFloat, numbersOf, type TensorData } from "@tflower/core";
import {
  mergeStatistics,
  mergeValues,
  noStatistics,
  type Statistics,
  statisticsOf,
  type ValueStatistics,
} from "./statistics.ts";

/**
 * Runs a model and shows what it computes inside. Calibration knows nothing of runtimes: whoever calls it brings one, such as the reference
 * evaluator, LiteRT, or a device.
 */
export interface Executor {
  /** Runs one sample: inputs in the model's order. `observe` sees each value by name, inputs and outputs included, and keeps nothing of it. */
  run(inputs: readonly TensorData[], observe: (name: string, value: TensorData) => void): Promise<void>;
  /** Lets go of the runtime. */
  dispose?(): Promise<void>;
}

/** Ranges of all float values over the samples, one sample in memory at a time. */
export async function collectStatistics(
  executor: Executor,
  samples: Iterable<readonly TensorData[]> | AsyncIterable<readonly TensorData[]>,
): Promise<Statistics> {
  let all = noStatistics;
  for await (const sample of samples) {
    const values: Record<string, ValueStatistics> = {};
    await executor.run(sample, (name, value) => {
      if (!isFloat(value.type.dtype)) return;
      const seen = statisticsOf(numbersOf(value));
      values[name] = values[name] ? mergeValues(values[name], seen) : seen;
    });
    all = mergeStatistics(all, { version: 1, samples: 1, values });
  }
  return all;
}
