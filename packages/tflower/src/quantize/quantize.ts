import { definePass, type Pass } from "@tflower/core";
import { type QuantizeOptions, quantizePasses, type Recipe, type Statistics } from "@tflower/quantize";
import type { Samples } from "../calibrate/lite-rt-executor.ts";
import type { LoadModel } from "./run-samples.ts";
import { sampleCalibration } from "./sample-calibration.ts";

/** A recipe, and what its ranges come from. */
export interface CalibratedRecipe extends Recipe {
  /** Samples that are run when the pass runs, or statistics of earlier runs. Needed by `int8` and `int16x8`. */
  readonly calibrate?: Samples | Statistics;
}

/** Choices of {@link quantize}. */
export interface QuantizeChoices extends Pick<QuantizeOptions, "estimate"> {
  /** Loads a file into LiteRT; `loadModel` of `@tflower/runtime-litert` by default. */
  readonly load?: LoadModel;
}

const loadByDefault: LoadModel = async (bytes) => (await import("@tflower/runtime-litert")).loadModel(bytes);
const isStatistics = (x: Samples | Statistics): x is Statistics => "values" in x && typeof x.values !== "function";

/**
 * A pass that quantizes, to be put behind those that optimize. The setting `quantize` keeps rewrites away that pay for floats only.
 *
 * @example
 * const model = await convert("model.pt2", {
 *   settings: { quantize: true },
 *   pipeline: (p) => [...p.import, ...p.lower, ...p.optimize, quantize(recipe.int8({ calibrate: samples })), ...p.finish],
 * });
 */
export function quantize(wanted: CalibratedRecipe, choices: QuantizeChoices = {}): Pass {
  const { calibrate, ...recipe } = wanted;
  const { load = loadByDefault, ...rest } = choices;
  const calibration = !calibrate
    ? undefined
    : isStatistics(calibrate)
      ? { statistics: async () => calibrate }
      : sampleCalibration(calibrate, load);
  const passes = quantizePasses(recipe, { ...rest, ...(calibration && { calibration }) });
  return definePass({
    name: "quantize",
    summary: "Quantizes as a recipe says.",
    scope: "module",
    run: (_, context) => context.run(passes),
  })();
}
