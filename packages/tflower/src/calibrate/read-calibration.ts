import { type ByteSource, CompileError } from "@tflower/core";
import { JsonFormError, parseStatistics, type QuantizeCode, type Statistics } from "@tflower/quantize";
import { openSafetensors, type SafetensorsFile } from "../safetensors/safetensors-file.ts";

/** What a program is calibrated with: samples that are to be run, or statistics that were saved. */
export type CalibrationSource =
  | { readonly kind: "samples"; readonly file: SafetensorsFile }
  | { readonly kind: "statistics"; readonly statistics: Statistics };

/** Bytes of a file of statistics are text, which begins so. */
const isJson = (bytes: Uint8Array): boolean => /^\s*\{\s*("|\}|$)/.test(new TextDecoder().decode(bytes));

/** Opens a `.safetensors` file with samples, or reads a JSON file with statistics. What it is, its first bytes say. */
export async function readCalibration(source: ByteSource): Promise<CalibrationSource> {
  // a .safetensors file begins with the length of its header, whose upper bytes are zeros
  const head = await source.read(0, Math.min(8, source.size));
  if (!isJson(head)) return { kind: "samples", file: await openSafetensors(source) };
  return { kind: "statistics", statistics: await readStatistics(source) };
}

/** Statistics from a JSON file. Rejects with a `CompileError` that says everything that is wrong with it. */
export async function readStatistics(source: ByteSource): Promise<Statistics> {
  try {
    return parseStatistics(new TextDecoder().decode(await source.read(0, source.size)));
  } catch (e) {
    if (!(e instanceof JsonFormError)) throw e;
    throw new CompileError([
      {
        severity: "error",
        code: "QNT0107" satisfies QuantizeCode,
        message: `${source.name} holds no calibration statistics: ${e.problems[0]}`,
        notes: e.problems.slice(1, 20),
        help: "write it with tflower calibrate, of the same version",
      },
    ]);
  }
}
