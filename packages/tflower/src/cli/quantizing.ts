import { type Compiler, type Diagnostic, definePass, type Graph, type Module } from "@tflower/core";
import {
  printRecipe,
  type QuantizeCode,
  type QuantizeOptions,
  quantizePasses,
  quantizingPlugin,
  type Recipe,
  showRecipe,
  wantsCalibration,
} from "@tflower/quantize";
import type { LiteRtModel } from "@tflower/runtime-litert";
import type { Command } from "commander";
import { calibrationOf } from "../calibrate/calibration-of.ts";
import { graphOf } from "../calibrate/lite-rt-executor.ts";
import { readCalibration } from "../calibrate/read-calibration.ts";
import { fileSource } from "../node/file-source.ts";
import { readRecipe } from "../node/read-recipe.ts";
import { cloneModule } from "../quantize/clone-module.ts";
import { evaluationSet } from "../quantize/evaluation-set.ts";
import { quantizeToGoal } from "../quantize/search-pass.ts";
import type { QuantizationGoal } from "../quantize/search-recipe.ts";
import { decibels, type Verified, verifyQuantized } from "../quantize/verify-quantized.ts";
import { macsOf } from "../report/node-facts.ts";
import type { SafetensorsFile } from "../safetensors/safetensors-file.ts";
import { writeText } from "./emit.ts";
import { progressBar } from "./progress-bar.ts";
import type { ImportRuntime } from "./run.ts";
import { UsageError } from "./usage-error.ts";

/** Flags that say what is quantized, and how. */
export interface QuantizingFlags {
  readonly quantize?: string;
  readonly calibrate?: string;
  readonly targetSnr?: string;
  readonly targetAccuracy?: string;
  readonly maxBytes?: string;
  readonly saveRecipe?: string;
  readonly integerIo?: boolean;
  /** Off with `--no-verify-quantized`. */
  readonly verifyQuantized?: boolean;
}

/** Declares the flags of {@link QuantizingFlags}. */
export const addQuantizing = (command: Command): Command =>
  command
    .option(
      "--quantize <recipe>",
      "dynamic-int8, weight-only-int8, int8, int16x8, int4, int4-block32, fp16, or a file: .json (tflower's, or ai-edge-quantizer's), .ts, .mjs",
    )
    .option("--calibrate <file>", "samples (.safetensors) or statistics (.json) that ranges come from")
    .option("--integer-io", "quantized inputs and outputs are the integers themselves")
    .option("--target-snr <decibels>", "keep layers float until every output has this signal to noise on the samples")
    .option("--target-accuracy <share>", "keep layers float until output 0 is right so often on labelled samples")
    .option("--max-bytes <bytes>", "store layers smaller until the constants of the file take no more")
    .option("--save-recipe <file>", "write the recipe that was used (.json)")
    .option("--no-verify-quantized", "do not compare the quantized program with the float one on samples");

/** What was made of a program, as `--json` says it. */
export interface QuantizationJson {
  readonly recipe: unknown;
  readonly samples?: number;
  /** Signal to noise of the worst output, in decibels; a word where it is no number. */
  readonly snr?: number | string;
  readonly outputs?: readonly { readonly name: string; readonly snr: number | string; readonly cosine: number }[];
  readonly accuracy?: number;
  readonly floatAccuracy?: number;
}

/** What is to be said of a quantized program when it is there. */
export interface Quantizing {
  readonly diagnostics: readonly Diagnostic[];
  /** Compares the finished program with the float one, where there are samples. */
  finish(module: Module, report: (d: Diagnostic) => void): Promise<{ json: QuantizationJson; text: string }>;
}

/** Samples that a result is verified by. */
const verifySamples = 8;
/** Multiply-accumulates that one program of a search may take over all samples. */
const macsOfTrial = 8e9;

/** Samples that a search runs each program on: 4 to 16, the fewer the larger the program. */
function samplesFor(graph: Graph): number {
  const macs = [...graph.nodes].reduce((n, x) => n + (macsOf(x) ?? 0), 0);
  return Math.max(4, Math.min(16, Math.floor(macsOfTrial / Math.max(1, macs))));
}

/** Makes `compiler` quantize as the flags say. What calibration opens is pushed to `open`. */
export async function useQuantizing(
  compiler: Compiler,
  flags: QuantizingFlags,
  open: { close?(): Promise<void> }[],
  importRuntime: ImportRuntime,
): Promise<Quantizing | undefined> {
  const goal = goalOf(flags);
  if (flags.quantize === undefined) {
    const given = Object.entries({ ...flagNames }).find(([k]) => flags[k as keyof QuantizingFlags] !== undefined);
    if (given) throw new UsageError(`${given[1]} says how to quantize: give --quantize, too`);
    return undefined;
  }
  const read = await readRecipe(flags.quantize);
  let recipe: Recipe = flags.integerIo ? { ...read.recipe, io: "integer" } : read.recipe;
  const load = async (bytes: Uint8Array): Promise<LiteRtModel> => (await importRuntime()).loadModel(bytes);
  const { options, file, notes = [] } = await calibrationFor(flags, recipe, goal, open, load);
  if (goal && !file)
    throw new UsageError(`${goalFlag(flags)} is measured on samples: give --calibrate a .safetensors file`);

  let float: Module | undefined;
  const remember = definePass({
    name: "remember-float",
    summary: "Keeps the float program, for the quantized one to be compared with.",
    scope: "module",
    run: (module) => void (float = cloneModule(module)),
  })();
  const bar = await searchBar();
  const passes = goal
    ? [
        quantizeToGoal(recipe, goal, {
          ...options,
          load,
          set: (graph) => evaluationSet(file!, graph, samplesFor(graph)),
          ...(bar.progress && { progress: bar.progress }),
          found: async (r) => {
            bar.end();
            recipe = r.recipe;
            if (!r.met) await saveRecipe(flags, recipe);
          },
        }),
      ]
    : quantizePasses(recipe, options);
  const verify = file !== undefined && flags.verifyQuantized !== false;
  compiler.use(quantizingPlugin([...(verify ? [remember] : []), ...passes]));
  return {
    diagnostics: [...read.diagnostics, ...notes],
    async finish(module, report) {
      await saveRecipe(flags, recipe);
      const verified =
        verify && float
          ? await verifyQuantized(float, module, {
              compiler,
              load,
              set: await evaluationSet(file, graphOf(float), goal ? samplesFor(graphOf(float)) : verifySamples),
              report,
            })
          : undefined;
      float = undefined;
      return { json: toJson(recipe, verified), text: textOf(recipe, verified) };
    },
  };
}

const flagNames = {
  calibrate: "--calibrate",
  targetSnr: "--target-snr",
  targetAccuracy: "--target-accuracy",
  maxBytes: "--max-bytes",
  saveRecipe: "--save-recipe",
  integerIo: "--integer-io",
} as const satisfies Partial<Record<keyof QuantizingFlags, string>>;

const goalFlag = (flags: QuantizingFlags): string =>
  flags.targetSnr !== undefined
    ? "--target-snr"
    : flags.targetAccuracy !== undefined
      ? "--target-accuracy"
      : "--max-bytes";

async function calibrationFor(
  flags: QuantizingFlags,
  recipe: Recipe,
  goal: QuantizationGoal | undefined,
  open: { close?(): Promise<void> }[],
  load: (bytes: Uint8Array) => Promise<LiteRtModel>,
): Promise<{
  readonly options: QuantizeOptions;
  readonly file?: SafetensorsFile;
  readonly notes?: readonly Diagnostic[];
}> {
  if (flags.calibrate === undefined) {
    if (wantsCalibration(recipe))
      throw new UsageError(
        `--quantize ${flags.quantize} computes on integers, whose ranges come from data: give --calibrate`,
      );
    return { options: {} };
  }
  const source = await fileSource(flags.calibrate);
  open.push(source);
  const read = await readCalibration(source);
  if (read.kind === "samples" && !wantsCalibration(recipe) && !goal && ![...read.file.tensors.keys()].some(isSample))
    return {
      options: {},
      notes: [
        {
          severity: "note",
          code: "QNT0104" satisfies QuantizeCode,
          message: `${read.file.name} holds no calibration samples; the recipe needs none, and what it makes is not compared with the float program`,
          help: "name the first input of the first sample calib.0.in.0",
        },
      ],
    };
  return {
    options: { calibration: calibrationOf(read, { load }) },
    ...(read.kind === "samples" && { file: read.file }),
  };
}

const isSample = (name: string): boolean => /^calib\.\d+\.in\.\d+$/.test(name);

function goalOf(flags: QuantizingFlags): QuantizationGoal | undefined {
  const number = (flag: string, text: string | undefined, low: number, high: number): number | undefined => {
    if (text === undefined) return undefined;
    const n = Number(text);
    if (text.trim() === "" || !(n >= low && n <= high))
      throw new UsageError(`${flag} must be a number from ${low} to ${high}, got "${text}"`);
    return n;
  };
  const snr = number("--target-snr", flags.targetSnr, -100, 200);
  const accuracy = number("--target-accuracy", flags.targetAccuracy, 0, 1);
  const maxBytes = number("--max-bytes", flags.maxBytes, 1, Number.MAX_SAFE_INTEGER);
  if (snr === undefined && accuracy === undefined && maxBytes === undefined) return undefined;
  return {
    ...(snr !== undefined && { snr }),
    ...(accuracy !== undefined && { accuracy }),
    ...(maxBytes !== undefined && { maxBytes }),
  };
}

/** A bar for the programs of a search, on a terminal. */
async function searchBar(): Promise<{ progress?: (done: number, of: number) => void; end(): void }> {
  if (!process.stderr.isTTY) return { end: () => undefined };
  let bar: Awaited<ReturnType<typeof progressBar>> | undefined;
  return {
    async progress(done, of) {
      bar ??= await progressBar(of, "searching");
      bar.update(done);
    },
    end: () => bar?.end(),
  };
}

async function saveRecipe(flags: QuantizingFlags, recipe: Recipe): Promise<void> {
  if (flags.saveRecipe !== undefined) await writeText(flags.saveRecipe, printRecipe(recipe));
}

/** JSON has no infinities: they are words. */
const finite = (n: number): number | string => (Number.isFinite(n) ? n : String(n));

function toJson(recipe: Recipe, v: Verified | undefined): QuantizationJson {
  return {
    recipe: { ...recipe, ...(recipe.rules && { rules: recipe.rules.map(({ predicate: _, ...r }) => r) }) },
    ...(v && {
      samples: v.samples,
      snr: finite(v.snr),
      outputs: v.outputs.map((o) => ({ name: o.name, snr: finite(o.snr), cosine: o.cosine })),
      ...(v.accuracy !== undefined && { accuracy: v.accuracy }),
      ...(v.floatAccuracy !== undefined && { floatAccuracy: v.floatAccuracy }),
    }),
  };
}

function textOf(recipe: Recipe, v: Verified | undefined): string {
  const lines = [`quantized by ${showRecipe(recipe)}`];
  if (v) {
    const outputs = v.outputs.map((o) => `${o.name} ${decibels(o.snr)}`).join(", ");
    lines.push(`signal to noise on ${v.samples} sample${v.samples > 1 ? "s" : ""}: ${outputs}`);
    if (v.accuracy !== undefined)
      lines.push(`right on the labelled samples: ${v.accuracy.toFixed(4)} (float ${v.floatAccuracy?.toFixed(4)})`);
  }
  return lines.join("\n");
}
