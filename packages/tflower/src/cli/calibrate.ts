import { basename } from "node:path";
import { readPt2 } from "@tflower/frontend-pt2";
import { findOverlap, mergeStatistics, printStatistics, type QuantizeCode, type Statistics } from "@tflower/quantize";
import type { Command } from "commander";
import { calibrateModule } from "../calibrate/calibrate-module.ts";
import { graphOf } from "../calibrate/lite-rt-executor.ts";
import { readStatistics } from "../calibrate/read-calibration.ts";
import { type Shard, samplesOf } from "../calibrate/sample-file.ts";
import { compileProgram } from "../compile.ts";
import { fileSource } from "../node/file-source.ts";
import { openSafetensors } from "../safetensors/safetensors-file.ts";
import { writeText } from "./emit.ts";
import { type ProgressBar, progressBar } from "./progress-bar.ts";
import { printDiagnostics } from "./report.ts";
import type { ImportRuntime } from "./run.ts";
import { addSettings } from "./settings.ts";
import { UsageError } from "./usage-error.ts";
import { addPlugins, type CompilerFlags, useCompiler } from "./use-compiler.ts";

export interface CalibrateFlags extends CompilerFlags {
  readonly data?: string;
  readonly output?: string;
  readonly shard?: string;
  readonly model?: string;
}

/** Declares `calibrate` and `calibrate merge`. `done` gets the exit code. */
export function addCalibrate(program: Command, importRuntime: ImportRuntime, done: (code: number) => void): Command {
  const calibrate = program
    .command("calibrate")
    .description("run a program's samples, and write what its values reach: the ranges that quantizing needs")
    .argument("<program>", "a program saved with torch.export.save")
    .option("--data <file>", "a .safetensors file with calib.N.in.K: input K of sample N")
    .option("-o, --output <file>", "the statistics (.json) to write")
    .option("--shard <i/n>", "run only part i of n, counted from 0, as 0/4 to 3/4; merge adds them up")
    .option("--model <name>", "which model of an archive that holds several");
  addPlugins(addSettings(calibrate)).action(async (path: string, flags) => {
    done(await calibrateCommand(path, flags, importRuntime));
  });
  calibrate
    .command("merge")
    .description("add up the statistics of shards, in any order")
    .argument("<statistics...>", "what tflower calibrate has written")
    // the command above has the same option, and would take it
    .option("-o, --output <file>", "the statistics (.json) to write")
    .action(async (paths: string[], _, command: Command) => {
      done(await mergeCommand(paths, command.optsWithGlobals().output));
    });
  return calibrate;
}

/** The part that `--shard` names. Throws a {@link UsageError} where it names none. */
export function parseShard(text: string | undefined): Shard {
  if (text === undefined) return { index: 0, count: 1 };
  const match = /^(\d+)\/(\d+)$/.exec(text.trim());
  const [index, count] = [Number(match?.[1]), Number(match?.[2])];
  if (!match || !(index < count))
    throw new UsageError(`--shard must be i/n with i from 0 to n-1, as 0/4 to 3/4; got "${text}"`);
  return { index, count };
}

/** `tflower calibrate`. Gives the exit code. */
export async function calibrateCommand(
  path: string,
  flags: CalibrateFlags,
  importRuntime: ImportRuntime,
): Promise<number> {
  const shard = parseShard(flags.shard);
  // not required options of commander's: `merge` below would have to have them, too
  const samples = needed(flags.data, "calibrate needs --data: a .safetensors file with calib.N.in.K");
  const output = needed(flags.output, "calibrate needs -o: the file to write");
  const { compiler, pipeline } = await useCompiler(flags, { quantize: true });
  const source = await fileSource(path);
  const data = await fileSource(samples);
  let bar: ProgressBar | undefined;
  try {
    const program = await readPt2(source, flags.model === undefined ? {} : { model: flags.model });
    const module = await compileProgram(program, compiler, {
      report: (d) => printDiagnostics([d]),
      ...(pipeline && { pipeline }),
    });
    const file = await openSafetensors(data);
    const { count, total } = samplesOf(file, graphOf(module), shard);
    if (process.stderr.isTTY) bar = await progressBar(count, basename(samples));
    const { loadModel } = await importRuntime();
    const statistics = await calibrateModule(module, file, {
      load: (bytes) => loadModel(bytes),
      shard,
      progress: (n) => bar?.update(n),
    });
    bar?.end();
    await writeText(output, printStatistics(statistics));
    process.stderr.write(`${output}: ${count} of ${total} samples, ${summary(statistics)}\n`);
    return 0;
  } finally {
    bar?.end();
    await source.close?.();
    await data.close?.();
  }
}

/** `tflower calibrate merge`. Gives the exit code. */
export async function mergeCommand(paths: readonly string[], file: string | undefined): Promise<number> {
  const output = needed(file, "calibrate merge needs -o: the file to write");
  const all: Statistics[] = [];
  for (const path of paths) {
    const source = await fileSource(path);
    try {
      all.push(await readStatistics(source));
    } finally {
      await source.close?.();
    }
  }
  const merged = mergeStatistics(...all);
  const overlap = findOverlap(all);
  if (overlap)
    printDiagnostics([
      {
        severity: "warning",
        code: "QNT0108" satisfies QuantizeCode,
        message: `${paths[overlap.first]} and ${paths[overlap.second]} both have seen a sample ${overlap.sample}, which counts twice now`,
        help: "give each shard once; samples of several sets may have the same numbers, and then all is well",
      },
    ]);
  await writeText(output, printStatistics(merged));
  process.stderr.write(`${output}: ${merged.samples} samples, ${summary(merged)}\n`);
  return 0;
}

function needed(flag: string | undefined, message: string): string {
  if (flag === undefined) throw new UsageError(message);
  return flag;
}
const summary = (s: Statistics): string => `${Object.keys(s.values).length} values`;
