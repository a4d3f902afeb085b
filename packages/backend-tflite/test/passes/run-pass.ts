import {
  CompileError,
  Compiler,
  type Diagnostic,
  type Module,
  type Pass,
  parseModule,
  printModule,
  runPasses,
  type Settings,
} from "@tflower/core";
import { tflitePlugin } from "../../src/index.ts";

/** What passes make of a module, and what they say. */
export interface Ran {
  readonly module: Module;
  readonly text: string;
  readonly said: readonly Diagnostic[];
}

/** Parses `text` and runs `passes` over it; errors are among what was said. */
export async function run(text: string, passes: readonly Pass[], settings: Partial<Settings> = {}): Promise<Ran> {
  const compiler = new Compiler(settings).use(tflitePlugin());
  const module = parseModule(text, compiler.knownOps);
  const said: Diagnostic[] = [];
  try {
    await runPasses(module, passes, compiler, { report: (d) => said.push(d) });
  } catch (e) {
    if (!(e instanceof CompileError)) throw e;
    said.push(...e.diagnostics);
  }
  return { module, text: printModule(module), said };
}
