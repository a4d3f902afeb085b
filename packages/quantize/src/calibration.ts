import type { Graph, Module, TensorData, Value } from "@tflower/core";
import type { Statistics } from "./statistics/statistics.ts";

/** Values that somebody wants to know of, by graph. */
export type WantedValues = ReadonlyMap<Graph, ReadonlySet<Value>>;

/** Where ranges of values come from: samples that are run now, or statistics that were saved. Names are those of `valueNames`. */
export interface Calibration {
  /** Statistics of the values wanted, and maybe of more. */
  statistics(module: Module, wanted: WantedValues): Promise<Statistics>;
  /**
   * Runs samples through the module as it is now, and shows the values wanted, of one sample after the other; `most` samples, spread over all
   * of them. The memory of a value is the runtime's again when `show` returns. Absent where there are statistics only.
   */
  readonly observe?: (
    module: Module,
    wanted: WantedValues,
    show: (value: Value, data: TensorData, sample: number) => void,
    most?: number,
  ) => Promise<void>;
}
