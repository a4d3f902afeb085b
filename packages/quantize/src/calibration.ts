import type { Graph, Module, TensorData, Value } from "@tflower/core";
import type { Statistics } from "./statistics/statistics.ts";

/** Values that somebody wants to know of, by graph. */
export type WantedValues = ReadonlyMap<Graph, ReadonlySet<Value>>;

/** Where ranges of values come from: samples that are run now, or statistics that were saved. Names are those of `valueNames`. */
export interface Calibration {
  /** Statistics of the values wanted, and maybe of more. */
  statistics(module: Module, wanted: WantedValues): Promise<Statistics>;
  /**
   * Runs samples through the module as it is now, and shows the values wanted, of one sample after the other: those that `which` picks; `which`
   * of them, spread over all; or all. The memory of a value is the runtime's again when `show` returns. Absent where there are statistics only.
   */
  readonly observe?: (
    module: Module,
    wanted: WantedValues,
    show: (value: Value, data: TensorData, sample: number) => void,
    which?: WhichSamples,
  ) => Promise<void>;
}

/** Which samples are wanted: so many of them, or those that a predicate picks. */
export type WhichSamples = number | ((sample: number, of: number) => boolean);

/** Whether a sample of `of` is among those wanted. */
export function isWanted(which: WhichSamples, sample: number, of: number): boolean {
  if (typeof which === "function") return which(sample, of);
  const step = Math.max(1, of / which);
  // the first of each step
  return Math.floor(Math.ceil(sample / step) * step) === sample;
}
