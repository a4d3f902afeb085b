import { CompileError, type Diagnostic } from "@tflower/core";
import { readPt2 } from "@tflower/frontend-pt2";
import { compileProgram } from "../compile.ts";
import { fileSource } from "../node/file-source.ts";
import { diagnosticsOf, printDiagnostics, toJson } from "./report.ts";
import { type CompilerFlags, useCompiler } from "./use-compiler.ts";

export interface CheckFlags extends CompilerFlags {
  readonly json?: boolean;
  /** Which model of an archive that holds several. */
  readonly model?: string;
}

/** `tflower check`: everything that stands between a program and a `.tflite`, without writing one. Gives the exit code. */
export async function checkCommand(paths: readonly string[], flags: CheckFlags): Promise<number> {
  let failed = 0;
  for (const path of paths) {
    const start = performance.now();
    const found = await check(path, flags);
    const errors = found.filter((d) => d.severity === "error").length;
    if (errors) failed++;
    if (flags.json)
      process.stdout.write(
        `${JSON.stringify({ input: path, status: errors ? "error" : "ok", ms: Math.round(performance.now() - start), diagnostics: found.map(toJson) })}\n`,
      );
    else {
      printDiagnostics(found);
      process.stdout.write(
        `${path}: ${errors ? `${errors} problem${errors > 1 ? "s" : ""}` : "every op has a lowering"}\n`,
      );
    }
  }
  return failed ? 1 : 0;
}

async function check(path: string, flags: CheckFlags): Promise<readonly Diagnostic[]> {
  const notes: Diagnostic[] = [];
  let source: Awaited<ReturnType<typeof fileSource>> | undefined;
  try {
    source = await fileSource(path);
    const program = await readPt2(source, flags.model === undefined ? {} : { model: flags.model });
    const { compiler } = await useCompiler(flags);
    await compileProgram(program, compiler, {
      report: (d) => notes.push(d),
      pipeline: (p) => [...p.import, ...p.lower],
    });
    return notes;
  } catch (e) {
    return [...diagnosticsOf(e, path), ...(e instanceof CompileError ? notes : [])];
  } finally {
    await source?.close?.();
  }
}
