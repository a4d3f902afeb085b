import { mkdir } from "node:fs/promises";
import { basename, extname, join, resolve } from "node:path";
import { type ByteSink, toTfliteFile, writeTflite } from "@tflower/backend-tflite";
import { CompileError, type Diagnostic, timePasses } from "@tflower/core";
import { type Pt2Program, readPt2 } from "@tflower/frontend-pt2";
import { compileProgram } from "../compile.ts";
import { fileSource } from "../node/file-source.ts";
import { writeFileAtomically } from "../node/write-file.ts";
import { parseEmit, sideFiles } from "./emit.ts";
import { type ObserveFlags, observe } from "./observe.ts";
import { type QuantizationJson, type QuantizingFlags, useQuantizing } from "./quantizing.ts";
import { diagnosticsOf, printDiagnostics, type ResultJson, toJson } from "./report.ts";
import type { ImportRuntime } from "./run.ts";
import { constantBytes, showProgress } from "./show-progress.ts";
import { UsageError } from "./usage-error.ts";
import { type CompilerFlags, useCompiler } from "./use-compiler.ts";

export interface ConvertFlags extends CompilerFlags, ObserveFlags, QuantizingFlags {
  readonly output?: string;
  readonly outDir?: string;
  /** Which model of an archive that holds several. */
  readonly model?: string;
  readonly keepGoing?: boolean;
  readonly emit?: string;
  /** Where an HTML report goes. */
  readonly report?: string;
  readonly json?: boolean;
}

const stem = (path: string): string => basename(path, extname(path));

/** A sink that tells how much is written. */
const counted = (sink: ByteSink, by: (bytes: number) => void): ByteSink => ({
  async write(chunk) {
    await sink.write(chunk);
    by(chunk.byteLength);
  },
});

/** One conversion: inputs that become signatures of one file. */
interface Job {
  readonly inputs: readonly string[];
  readonly output: string;
}

/** Which files become which. Throws a {@link UsageError} when that is not clear. */
export function planJobs(inputs: readonly string[], flags: Pick<ConvertFlags, "output" | "outDir">): readonly Job[] {
  if (inputs.length === 0) throw new UsageError("expected at least one .pt2 file");
  if (flags.output !== undefined && flags.outDir !== undefined)
    throw new UsageError("--output and --out-dir exclude each other");
  const overwritten = flags.output !== undefined && inputs.find((i) => resolve(i) === resolve(flags.output!));
  if (overwritten) throw new UsageError(`the output would take the place of the input ${overwritten}`);
  if (flags.output !== undefined) {
    const names = inputs.map(stem);
    const twice = names.find((n, i) => names.indexOf(n) !== i);
    if (twice !== undefined) throw new UsageError(`two inputs are called "${twice}", and signatures are named by stem`);
    return [{ inputs, output: flags.output }];
  }
  const jobs = inputs.map((i) => ({
    inputs: [i],
    output: flags.outDir === undefined ? i.replace(/(\.pt2)?$/, ".tflite") : join(flags.outDir, `${stem(i)}.tflite`),
  }));
  const outputs = jobs.map((j) => j.output);
  const clash = outputs.find((o, i) => outputs.indexOf(o) !== i);
  if (clash !== undefined) throw new UsageError(`two inputs would both become ${clash}`);
  return jobs;
}

/** `tflower convert`. Gives the exit code. */
export async function convertCommand(
  inputs: readonly string[],
  flags: ConvertFlags,
  importRuntime: ImportRuntime,
): Promise<number> {
  const jobs = planJobs(inputs, flags);
  parseEmit(flags.emit);
  if (flags.report !== undefined && jobs.length > 1)
    throw new UsageError(
      "--report names one file, and several are converted; --emit tflite,report writes one for each",
    );
  if (flags.saveRecipe !== undefined && jobs.length > 1)
    throw new UsageError("--save-recipe names one file, and several are converted: each may have a recipe of its own");
  if (flags.outDir !== undefined) await mkdir(flags.outDir, { recursive: true });
  let failed = 0;
  for (const job of jobs) {
    const result = await convertJob(job, flags, importRuntime);
    if (result.status === "error") {
      failed++;
      if (!flags.keepGoing) break;
    }
  }
  return failed ? 1 : 0;
}

async function convertJob(job: Job, flags: ConvertFlags, importRuntime: ImportRuntime): Promise<ResultJson> {
  const start = performance.now();
  const notes: Diagnostic[] = [];
  const done = (
    status: "ok" | "error",
    diagnostics: readonly Diagnostic[],
    quantized?: { readonly json: QuantizationJson; readonly text: string },
  ): ResultJson => {
    const result: ResultJson = {
      input: job.inputs.join(","),
      ...(status === "ok" && parseEmit(flags.emit).has("tflite") && { output: job.output }),
      status,
      ms: Math.round(performance.now() - start),
      ...(quantized && { quantization: quantized.json }),
      diagnostics: diagnostics.map(toJson),
    };
    if (flags.json) process.stdout.write(`${JSON.stringify(result)}\n`);
    else {
      printDiagnostics(diagnostics);
      if (quantized) process.stderr.write(`${quantized.text}\n`);
      process.stderr.write(
        status === "ok" ? `${job.output} (${result.ms} ms)\n` : `${job.inputs.join(", ")}: not converted\n`,
      );
    }
    return result;
  };
  const sources: Awaited<ReturnType<typeof fileSource>>[] = [];
  let finish = (): void => undefined;
  try {
    const { compiler, pipeline } = await useCompiler(flags, { quantize: flags.quantize !== undefined });
    const quantizing = await useQuantizing(compiler, flags, sources, importRuntime);
    notes.push(...(quantizing?.diagnostics ?? []));
    const emit = parseEmit(flags.emit);
    const side = sideFiles(job.output, emit, flags.report, pipeline);
    const times = flags.report !== undefined || emit.has("report") ? timePasses(compiler) : [];
    finish = observe(compiler, flags);
    const programs: Record<string, Pt2Program> = {};
    for (const path of job.inputs) {
      const source = await fileSource(path);
      sources.push(source);
      programs[stem(path)] = await readPt2(source, flags.model === undefined ? {} : { model: flags.model });
    }
    const only = job.inputs.length === 1 ? Object.values(programs)[0]! : programs;
    const module = await compileProgram(only, compiler, {
      report: (d) => notes.push(d),
      pipeline: side.pipeline,
    });
    const file = toTfliteFile(module, compiler);
    let fileBytes = 0;
    if (emit.has("tflite"))
      await writeFileAtomically(job.output, async (whole) => {
        const sink = counted(whole, (n) => (fileBytes += n));
        if (flags.json || !process.stderr.isTTY) return writeTflite(file, sink);
        const shown = await showProgress(sink, constantBytes(file), basename(job.output));
        return writeTflite(file, shown).finally(() => shown.end());
      });
    const made = await quantizing?.finish(module, (d) => notes.push(d));
    await side.write(module, {
      ...(fileBytes && { fileBytes }),
      diagnostics: notes,
      times,
      ...(made && { quantized: made.text }),
      compiler,
    });
    return done("ok", notes, made);
  } catch (e) {
    if (e instanceof UsageError) throw e;
    return done("error", [...diagnosticsOf(e, job.inputs[0]!), ...(e instanceof CompileError ? notes : [])]);
  } finally {
    finish();
    for (const s of sources) await s.close?.();
  }
}
