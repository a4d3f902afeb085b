import type { Calibration } from "@tflower/quantize";
import { type Statistics, valueNames } from "@tflower/quantize";

/** Statistics that are not collected again for values that are known: for programs that differ in how they are quantized only. */
export function cachedCalibration(calibration: Calibration): Calibration {
  let known: Statistics | undefined;
  return {
    async statistics(module, wanted) {
      const names = [...wanted].flatMap(([graph, values]) => {
        const all = valueNames(graph);
        return [...values].map((v) => all.get(v)!);
      });
      if (!known || names.some((n) => !known!.values[n])) {
        const seen = await calibration.statistics(module, wanted);
        known = known ? { ...seen, values: { ...known.values, ...seen.values } } : seen;
      }
      return known;
    },
  };
}
