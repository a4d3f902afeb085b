import {
  allPasses,
  CompileError,
  type Compiler,
  type Diagnostic,
  Module,
  type Pass,
  type Pipeline,
  runPasses,
} from "@tflower/core";
import { importProgram, type Pt2Program } from "@tflower/frontend-pt2";

/** How a compilation runs. */
export interface CompileOptions {
  /** Changes the array of passes; gets the stages of the compiler in use. */
  readonly pipeline?: (stages: Pipeline) => readonly Pass[];
  /** Gets what is not an error. */
  readonly report?: (d: Diagnostic) => void;
  /** Verifies the module after each pass. Costs time; on in tests. */
  readonly verifyEach?: boolean;
}

/**
 * Compiles one program, or several as signatures of one file that share their weights.
 * Throws a `CompileError` with every problem found.
 */
export async function compileProgram(
  programs: Pt2Program | Readonly<Record<string, Pt2Program>>,
  compiler: Compiler,
  o: CompileOptions = {},
): Promise<Module> {
  const module = new Module();
  const report = o.report ? { report: o.report } : {};
  if (isProgram(programs)) await importProgram(programs, compiler, { module, ...report });
  else {
    const problems: Diagnostic[] = [];
    for (const [name, p] of Object.entries(programs))
      try {
        await importProgram(p, compiler, { module, name, ...report });
      } catch (e) {
        if (!(e instanceof CompileError)) throw e;
        problems.push(...e.diagnostics);
      }
    if (problems.length) throw new CompileError(problems);
  }
  const passes = (o.pipeline ?? allPasses)(compiler.pipeline);
  return runPasses(module, passes, compiler, { verifyEach: o.verifyEach ?? false, done: [], ...report });
}

const isProgram = (p: Pt2Program | Readonly<Record<string, Pt2Program>>): p is Pt2Program =>
  "signature" in p && "graph" in p && "tensors" in p;
