import { readFile } from "node:fs/promises";
import type { Compiler } from "@tflower/core";
import { JsonFormError, parseRecipe, quantizePlugin, type Recipe, wantsCalibration } from "@tflower/quantize";
import type { LiteRtModel } from "@tflower/runtime-litert";
import type { Command } from "commander";
import { calibrationOf } from "../calibrate/calibration-of.ts";
import { readCalibration } from "../calibrate/read-calibration.ts";
import { fileSource } from "../node/file-source.ts";
import type { ImportRuntime } from "./run.ts";
import { UsageError } from "./usage-error.ts";

/** Flags that say what is quantized, and how. */
export interface QuantizingFlags {
  readonly quantize?: string;
  readonly calibrate?: string;
}

/** Declares the flags of {@link QuantizingFlags}. */
export const addQuantizing = (command: Command): Command =>
  command
    .option(
      "--quantize <recipe>",
      "dynamic-int8, weight-only-int8, int8, int16x8, int4, int4-block32, fp16, or a .json file",
    )
    .option("--calibrate <file>", "samples (.safetensors) or statistics (.json) that ranges come from");

/** The recipe that a flag names: one of the built-in ones, or what a JSON file says. */
export async function readRecipe(name: string): Promise<Recipe> {
  try {
    return parseRecipe(name.endsWith(".json") ? await readFile(name, "utf8") : name);
  } catch (e) {
    if (e instanceof JsonFormError) throw new UsageError(`--quantize ${name}: ${e.message}`);
    throw new UsageError(`--quantize ${name}: ${(e as Error).message}`);
  }
}

/** Makes `compiler` quantize as the flags say. What calibration opens is pushed to `open`. */
export async function useQuantizing(
  compiler: Compiler,
  flags: QuantizingFlags,
  open: { close?(): Promise<void> }[],
  importRuntime: ImportRuntime,
): Promise<void> {
  if (flags.quantize === undefined) {
    if (flags.calibrate !== undefined) throw new UsageError("--calibrate says how to quantize: give --quantize, too");
    return;
  }
  const recipe = await readRecipe(flags.quantize);
  if (flags.calibrate === undefined) {
    if (wantsCalibration(recipe))
      throw new UsageError(
        `--quantize ${flags.quantize} computes on integers, whose ranges come from data: give --calibrate`,
      );
    compiler.use(quantizePlugin(recipe));
    return;
  }
  const source = await fileSource(flags.calibrate);
  open.push(source);
  const load = async (bytes: Uint8Array): Promise<LiteRtModel> => (await importRuntime()).loadModel(bytes);
  compiler.use(quantizePlugin(recipe, { calibration: calibrationOf(await readCalibration(source), { load }) }));
}
