import type { TensorData } from "@tflower/core";
import { ValueCollector } from "./value-collector.ts";
import type { ValueStatistics } from "./value-statistics.ts";

/** What one tensor says, as sample `index`. */
export function statisticsOf(
  t: TensorData,
  o: { readonly index?: number; readonly channels?: boolean } = {},
): ValueStatistics {
  const collector = new ValueCollector({ channels: o.channels ?? false });
  collector.add(t);
  collector.endSample(o.index ?? 0);
  return collector.statistics();
}
