import type { Module, Value } from "@tflower/core";
import { type Calibration, isWanted, valueNames, type WantedValues } from "@tflower/quantize";
import type { LiteRtModel } from "@tflower/runtime-litert";
import { calibrateModule } from "./calibrate-module.ts";
import { graphOf, liteRtExecutor } from "./lite-rt-executor.ts";
import type { CalibrationSource } from "./read-calibration.ts";
import { samplesOf } from "./sample-file.ts";

/** What {@link calibrationOf} needs beside the samples. */
export interface CalibrationOptions {
  /** Loads a file: `loadModel` of `@tflower/runtime-litert`. */
  readonly load: (bytes: Uint8Array) => Promise<LiteRtModel>;
  /** Is told after each sample how many are done, and of how many, where that is known. */
  readonly progress?: (done: number, of: number | undefined) => void;
}

/** Calibration for the passes of `@tflower/quantize`: by LiteRT where there are samples, from the file where they were run before. */
export function calibrationOf(source: CalibrationSource, o: CalibrationOptions): Calibration {
  if (source.kind === "statistics") return { statistics: async () => source.statistics };
  const { file } = source;
  return {
    statistics: (module, wanted) => calibrateModule(module, file, { ...o, values: namesOf(wanted) }),
    async observe(module: Module, wanted, show, which = Number.POSITIVE_INFINITY) {
      const graph = graphOf(module);
      const values = new Map([...valueNames(graph)].map(([v, name]) => [name, v]));
      const { samples, count } = samplesOf(file, graph);
      const executor = await liteRtExecutor(module, { load: o.load, values: namesOf(wanted) });
      try {
        let at = -1;
        for await (const sample of samples) {
          if (!isWanted(which, ++at, count)) continue;
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
