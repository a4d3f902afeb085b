import type { Compiler } from "../compiler.ts";
import { CompileError, type Diagnostic } from "../diagnostic/diagnostic.ts";
import type { Module } from "../ir/module.ts";
import { verifyModule } from "../op/verify.ts";
import type { Pass } from "./define-pass.ts";

/** How passes are run. */
export interface RunOptions {
  /** Verifies the module after each pass. */
  readonly verifyEach?: boolean;
  /** Gets every diagnostic that is not an error, as it comes. */
  readonly report?: (diagnostic: Diagnostic) => void;
}

/**
 * Runs `passes` over `module`. Errors of a pass are gathered and thrown together when it ends;
 * observers attach to `compiler.hooks.beforePass`, `afterPass` and `failedPass`.
 */
export async function runPasses(
  module: Module,
  passes: readonly Pass[],
  compiler: Compiler,
  o: RunOptions = {},
): Promise<Module> {
  for (const pass of passes) {
    compiler.hooks.beforePass.call(pass, module);
    const problems: Diagnostic[] = [];
    const context = {
      compiler,
      module,
      options: {},
      report(d: Diagnostic) {
        compiler.hooks.diagnostic.call(d);
        if (d.severity === "error") problems.push(d);
        else o.report?.(d);
      },
    };
    try {
      await pass.run(module, context);
      if (!problems.length && (o.verifyEach ?? true))
        for (const d of verifyModule(module))
          problems.push({ ...d, notes: [...(d.notes ?? []), `found after pass "${pass.name}"`] });
    } catch (e) {
      compiler.hooks.failedPass.call(pass, module, e as Error);
      if (e instanceof CompileError) throw problems.length ? new CompileError([...problems, ...e.diagnostics]) : e;
      throw new CompileError([
        ...problems,
        {
          severity: "error",
          code: "PAS0001",
          message: `pass "${pass.name}" failed: ${(e as Error).message}`,
          notes: stackNotes(e as Error),
          help: "this is a bug in the pass; please report it",
        },
      ]);
    }
    if (problems.length) {
      const error = new CompileError(problems);
      compiler.hooks.failedPass.call(pass, module, error);
      throw error;
    }
    compiler.hooks.afterPass.call(pass, module);
  }
  return module;
}

/** Where in our code it happened, for a bug report; files only, no folders. */
const stackNotes = (e: Error): string[] =>
  (e.stack ?? "")
    .split("\n")
    .slice(1, 4)
    .map((l) => l.trim().replace(/\(?(?:file:\/\/)?[^()\s]*\/([^/()\s]+)\)?$/, "$1"));
