import type { Compiler } from "../compiler.ts";
import { CompileError, type Diagnostic } from "../diagnostic/diagnostic.ts";
import type { Module } from "../ir/module.ts";
import { verifyModule } from "../op/verify.ts";
import { AnalysisCache } from "./analyses.ts";
import type { Pass, PassContext } from "./define-pass.ts";
import { unmetRequirements } from "./requirements.ts";

/** How passes are run. */
export interface RunOptions {
  /** Verifies the module after each pass, and that analyses hold which the pass says it preserves. */
  readonly verifyEach?: boolean;
  /** Gets every diagnostic that is not an error, as it comes. */
  readonly report?: (diagnostic: Diagnostic) => void;
  /**
   * Passes that the module has been through, by name; `[]` for a program as it was imported. Then every pass finds what it requires among
   * them, or earlier among `passes`. Without it, a module may have been through anything, and only the order of `passes` is checked.
   */
  readonly done?: readonly string[];
  /** Keeps results of analyses from an earlier run over the same module. */
  readonly analyses?: AnalysisCache;
}

/**
 * Runs `passes` over `module`. Throws before the first where one requires another that does not come before it. Errors of a pass are gathered and thrown together when it ends; observers attach to
 * `compiler.hooks.beforePass`, `afterPass` and `failedPass`, and hear of passes inside passes too.
 */
export async function runPasses(
  module: Module,
  passes: readonly Pass[],
  compiler: Compiler,
  o: RunOptions = {},
): Promise<Module> {
  const problems = unmetRequirements(passes, o.done);
  if (problems.length) throw new CompileError(problems);
  const analyses = o.analyses ?? new AnalysisCache();
  for (const pass of passes) await runPass(pass, module, compiler, { ...o, analyses });
  return module;
}

type Running = RunOptions & { readonly analyses: AnalysisCache };

async function runPass(pass: Pass, module: Module, compiler: Compiler, o: Running): Promise<void> {
  const { hooks } = compiler;
  hooks.beforePass.call(pass, module);
  const before = o.analyses.valid();
  const problems: Diagnostic[] = [];
  // what passes inside this one require has been looked at with the whole pipeline
  const { done: _, ...inside } = o;
  const context: PassContext = {
    compiler,
    module,
    options: {},
    report(d) {
      hooks.diagnostic.call(d);
      if (d.severity === "error") problems.push(d);
      else o.report?.(d);
    },
    analysis: (a, graph) => o.analyses.get(a, graph),
    count: (what, by = 1) => hooks.statistic.call(pass, what, by),
    decide(decision) {
      if (hooks.decision.isUsed()) hooks.decision.call(pass, decision());
    },
    step: (name, part) => step(compiler, name, part),
    run: async (inner) => void (await runPasses(module, inner, compiler, inside)),
  };
  try {
    await pass.run(module, context);
    // the parts of a pass have been verified, each by itself
    if (!problems.length && (o.verifyEach ?? true) && !pass.parts)
      problems.push(...wrongAfter(pass, module, before, o));
  } catch (e) {
    const error = failureOf(pass, e as Error, problems);
    hooks.failedPass.call(pass, module, error);
    throw error;
  }
  if (problems.length) {
    const error = new CompileError(problems);
    hooks.failedPass.call(pass, module, error);
    throw error;
  }
  if (pass.preserves) o.analyses.carryOver(before, pass.preserves);
  hooks.afterPass.call(pass, module);
}

/** What a pass threw, with what it had reported before; an error of a pass inside it stays the error it is. */
function failureOf(pass: Pass, e: Error, problems: readonly Diagnostic[]): CompileError {
  if (e instanceof CompileError) return problems.length ? new CompileError([...problems, ...e.diagnostics]) : e;
  return new CompileError([
    ...problems,
    {
      severity: "error",
      code: "PAS0001",
      message: `pass "${pass.name}" failed: ${e.message}`,
      notes: stackNotes(e),
      help: "this is a bug in the pass; please report it",
    },
  ]);
}

function wrongAfter(
  pass: Pass,
  module: Module,
  before: ReturnType<AnalysisCache["valid"]>,
  o: Running,
): readonly Diagnostic[] {
  const found = verifyModule(module).map((d) => ({
    ...d,
    notes: [...(d.notes ?? []), `found after pass "${pass.name}"`],
  }));
  const broken = pass.preserves && !found.length ? o.analyses.broken(before, pass.preserves) : [];
  return [
    ...found,
    ...broken.map(
      (name): Diagnostic => ({
        severity: "error",
        code: "PAS0002",
        message: `pass "${pass.name}" says that it preserves the analysis "${name}", and the analysis says something else after it`,
        help: "take the analysis out of `preserves`, or change the pass so that it holds",
      }),
    ),
  ];
}

/** Runs `part` between the hooks that tell of steps, whether it ends at once or later. */
function step<T>(compiler: Compiler, name: string, part: () => T): T {
  const { beforeStep, afterStep } = compiler.hooks;
  beforeStep.call(name);
  let later = false;
  try {
    const out = part();
    if (out instanceof Promise) {
      later = true;
      return out.finally(() => afterStep.call(name)) as T;
    }
    return out;
  } finally {
    if (!later) afterStep.call(name);
  }
}

/** Where in our code it happened, for a bug report; files only, no folders. */
const stackNotes = (e: Error): string[] =>
  (e.stack ?? "")
    .split("\n")
    .slice(1, 4)
    .map((l) => l.trim().replace(/\(?(?:file:\/\/)?[^()\s]*\/([^/()\s]+)\)?$/, "$1"));
