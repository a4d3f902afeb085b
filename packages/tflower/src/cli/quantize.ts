import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { fromTfliteFile, readTflite, toTfliteFile, writeTflite } from "@tflower/backend-tflite";
import { CompileError, type Diagnostic, type Module, runPasses } from "@tflower/core";
import type { Command } from "commander";
import { writeFileAtomically } from "../node/write-file.ts";
import { cliError } from "./cli-error.ts";
import { parseEmit, sideFiles } from "./emit.ts";
import { type ObserveFlags, observe } from "./observe.ts";
import { addQuantizing, type QuantizingFlags, useQuantizing } from "./quantizing.ts";
import { diagnosticsOf, printDiagnostics, type ResultJson, toJson } from "./report.ts";
import type { ImportRuntime } from "./run.ts";
import { addSettings } from "./settings.ts";
import { UsageError } from "./usage-error.ts";
import { addPlugins, type CompilerFlags, useCompiler } from "./use-compiler.ts";

export interface QuantizeFlags extends CompilerFlags, ObserveFlags, QuantizingFlags {
  readonly output?: string;
  readonly emit?: string;
  readonly report?: string;
  readonly json?: boolean;
}

/** Declares `quantize`. `done` gets the exit code. */
export function addQuantize(program: Command, importRuntime: ImportRuntime, done: (code: number) => void): Command {
  const quantize = program
    .command("quantize")
    .description("quantize a float .tflite; what is integer in it stays as it is")
    .argument("<model>", "the .tflite")
    .option("-o, --output <file>", "the .tflite to write");
  return addPlugins(addQuantizing(addSettings(quantize)))
    .option("--emit <kinds>", "what to write: some of tflite,ir,report,model-explorer, with commas between", "tflite")
    .option("--report <file>", "write a page about the quantized file")
    .option("--json", "print one JSON line on stdout")
    .action(async (path: string, flags) => {
      done(await quantizeCommand(path, flags, importRuntime));
    });
}

/** `tflower quantize`. Gives the exit code. */
export async function quantizeCommand(
  path: string,
  flags: QuantizeFlags,
  importRuntime: ImportRuntime,
): Promise<number> {
  const { output } = flags;
  if (output === undefined) throw new UsageError("quantize needs -o: the .tflite to write");
  if (flags.quantize === undefined) throw new UsageError("quantize needs --quantize: the recipe");
  if (resolve(output) === resolve(path)) throw new UsageError(`the output would take the place of the input ${path}`);
  const emit = parseEmit(flags.emit);
  const start = performance.now();
  const notes: Diagnostic[] = [];
  const open: { close?(): Promise<void> }[] = [];
  let finish = (): void => undefined;
  const done = (status: "ok" | "error", diagnostics: readonly Diagnostic[], made?: Made): number => {
    const result: ResultJson = {
      input: path,
      ...(status === "ok" && emit.has("tflite") && { output }),
      status,
      ms: Math.round(performance.now() - start),
      ...(made && { quantization: made.json }),
      diagnostics: diagnostics.map(toJson),
    };
    if (flags.json) process.stdout.write(`${JSON.stringify(result)}\n`);
    else {
      printDiagnostics(diagnostics);
      if (made) process.stderr.write(`${made.text}\n`);
      process.stderr.write(status === "ok" ? `${output} (${result.ms} ms)\n` : `${path}: not quantized\n`);
    }
    return status === "ok" ? 0 : 1;
  };
  try {
    const { compiler } = await useCompiler(flags, { quantize: true });
    // what is in a file has been optimized by whoever wrote it: only what quantizes is to run
    const before = compiler.pipeline.optimize.length;
    const quantizing = await useQuantizing(compiler, flags, open, importRuntime);
    finish = observe(compiler, flags);
    notes.push(...(quantizing?.diagnostics ?? []));
    const side = sideFiles(output, emit, flags.report);
    const module = await readModel(path);
    const passes = [...compiler.pipeline.optimize.slice(before), ...compiler.pipeline.finish];
    await runPasses(module, passes, compiler, { verifyEach: false, report: (d) => void notes.push(d) });
    const file = toTfliteFile(module, compiler);
    let fileBytes = 0;
    if (emit.has("tflite"))
      await writeFileAtomically(output, (sink) =>
        writeTflite(file, {
          async write(chunk) {
            await sink.write(chunk);
            fileBytes += chunk.byteLength;
          },
        }),
      );
    const made = await quantizing?.finish(module, (d) => notes.push(d));
    await side.write(module, {
      ...(fileBytes && { fileBytes }),
      diagnostics: notes,
      times: [],
      ...(made && { quantized: made.text }),
      compiler,
    });
    return done("ok", notes, made);
  } catch (e) {
    if (e instanceof UsageError) throw e;
    return done("error", [...diagnosticsOf(e, path), ...(e instanceof CompileError ? notes : [])]);
  } finally {
    finish();
    for (const s of open) await s.close?.();
  }
}

type Made = Awaited<ReturnType<NonNullable<Awaited<ReturnType<typeof useQuantizing>>>["finish"]>>;

/** A `.tflite` as a module, with what it is called in messages. */
async function readModel(path: string): Promise<Module> {
  const bytes = await readFile(path);
  if (bytes.subarray(4, 8).toString("latin1") !== "TFL3")
    throw cliError("CLI0013", `${path} is no .tflite`, {
      help: "give a .tflite; a .pt2 is quantized when it is converted: tflower convert --quantize",
    });
  return fromTfliteFile(readTflite(bytes), { name: path });
}
