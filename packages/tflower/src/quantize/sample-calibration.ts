import type { TensorData, Value } from "@tflower/core";
import { type Calibration, isWanted, valueNames, type WantedValues } from "@tflower/quantize";
import { calibrateModule } from "../calibrate/calibrate-module.ts";
import { checkSamples } from "../calibrate/check-samples.ts";
import { graphOf, liteRtExecutor, type Samples } from "../calibrate/lite-rt-executor.ts";
import type { LoadModel } from "./run-samples.ts";

/** Calibration by samples in memory; of an iterator, each is taken once and kept. */
export function sampleCalibration(source: Samples, load: LoadModel): Calibration {
  let all: readonly (readonly TensorData[])[] | undefined;
  const samples = async (): Promise<readonly (readonly TensorData[])[]> => {
    if (!all) {
      const seen: (readonly TensorData[])[] = [];
      for await (const s of source) seen.push(s);
      all = seen;
    }
    return all;
  };
  return {
    statistics: async (module, wanted) => calibrateModule(module, await samples(), { load, values: namesOf(wanted) }),
    async observe(module, wanted, show, which = Number.POSITIVE_INFINITY) {
      const graph = graphOf(module);
      const values = new Map([...valueNames(graph)].map(([v, name]) => [name, v]));
      const taken = await samples();
      const executor = await liteRtExecutor(module, { load, values: namesOf(wanted) });
      try {
        let at = -1;
        for await (const sample of checkSamples(graph, taken)) {
          if (!isWanted(which, ++at, taken.length)) continue;
          await executor.run(sample, (name, data) => show(values.get(name) as Value, data, at));
        }
      } finally {
        await executor.dispose?.();
      }
    },
  };
}

const namesOf = (wanted: WantedValues): ReadonlySet<string> =>
  new Set(
    [...wanted].flatMap(([graph, values]) => {
      const names = valueNames(graph);
      return [...values].map((v) => names.get(v)!);
    }),
  );
