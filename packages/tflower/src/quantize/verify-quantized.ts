import { type Compiler, type Diagnostic, type Module, runPasses, userFrame } from "@tflower/core";
import type { QuantizeCode } from "@tflower/quantize";
import { graphOf } from "../calibrate/lite-rt-executor.ts";
import { cloneModule } from "./clone-module.ts";
import type { EvaluationSet } from "./evaluation-set.ts";
import { layerNoise } from "./layer-noise.ts";
import { accuracyOf, type Quality, qualityOf } from "./quality.ts";
import { type LoadModel, runSamples } from "./run-samples.ts";

/** Less signal to noise than this, in decibels, is worth a warning. */
export const leastSnr = 10;

/** What {@link verifyQuantized} needs beside the two programs. */
export interface VerifyOptions {
  readonly compiler: Compiler;
  readonly load: LoadModel;
  readonly set: EvaluationSet;
  /** Gets a warning where the two are far from each other. */
  readonly report: (d: Diagnostic) => void;
  /** Decibels below which the worst layers are named; 10 by default. */
  readonly leastSnr?: number;
}

/** How far a quantized program is from the float one, and how the float one does where there are labels. */
export interface Verified extends Quality {
  readonly floatAccuracy?: number;
}

/**
 * Runs the lowered float program and what was made of it on samples, on LiteRT, and compares their outputs. Where they are far apart, a warning
 * names the layers that lose most.
 */
export async function verifyQuantized(
  float: Module,
  quantized: Module,
  o: VerifyOptions,
): Promise<Verified | undefined> {
  const { compiler, load, set } = o;
  const finished = await runPasses(cloneModule(float), compiler.pipeline.finish, compiler, { verifyEach: false });
  let quality: Quality;
  let floatAccuracy: number | undefined;
  try {
    const want = await runSamples(finished, set.samples, load);
    const got = await runSamples(quantized, set.samples, load);
    quality = qualityOf(graphOf(quantized), want, got, set.labels);
    floatAccuracy = set.labels && accuracyOf(want, set.labels);
  } catch (e) {
    if ((e as Error).name === "CompileError") throw e;
    o.report({
      severity: "warning",
      code: "QNT0010" satisfies QuantizeCode,
      message: `the quantized program was not compared with the float one, as it does not run here: ${(e as Error).message.split("\n")[0]}`,
      help: "run it on the target with samples before you rely on it",
    });
    return undefined;
  }
  const least = o.leastSnr ?? leastSnr;
  if (!(quality.snr >= least)) {
    const worst = await worstLayers(finished, quantized, o);
    const output = quality.outputs.find((x) => x.snr === quality.snr);
    o.report({
      severity: "warning",
      code: "QNT0010" satisfies QuantizeCode,
      message: `the quantized program is far from the float one: output "${output?.name}" has ${decibels(quality.snr)} of signal to noise on ${quality.samples} calibration sample${quality.samples > 1 ? "s" : ""}, and less than ${least} dB is seldom of use`,
      notes: worst,
      help: "keep the layers that lose most float with rules of the recipe, or give --target-snr to have them found",
    });
  }
  return { ...quality, ...(floatAccuracy !== undefined && { floatAccuracy }) };
}

/** Decibels for people. */
export const decibels = (snr: number): string =>
  snr === Number.POSITIVE_INFINITY
    ? "exact"
    : snr === Number.NEGATIVE_INFINITY
      ? "NaN or infinity"
      : `${snr.toFixed(1)} dB`;

async function worstLayers(float: Module, quantized: Module, o: VerifyOptions): Promise<readonly string[]> {
  const layers = await layerNoise(float, quantized, o.set.samples.slice(0, 1), o.load);
  return [...layers]
    .sort((a, b) => b.lost - a.lost || a.snr - b.snr)
    .slice(0, 4)
    .filter((l) => l.lost > 0)
    .map((l) => {
      const frame = l.node.locations[0] && userFrame(l.node.locations[0]);
      const where = frame ? ` (${frame.file}:${frame.line})` : "";
      return `${l.module ?? "the program"}: ${l.op} loses ${l.lost.toFixed(1)} dB, and has ${decibels(l.snr)}${where}`;
    });
}
