import { readFile, stat } from "node:fs/promises";
import {
  CompileError,
  type Diagnostic,
  describePasses,
  knownPasses,
  parsePasses,
  printModule,
  readReproducer,
  runPasses,
  takenAsDone,
  verifyModule,
} from "@tflower/core";
import { writeFileAtomically } from "../node/write-file.ts";
import { type ObserveFlags, observe } from "./observe.ts";
import { readModule } from "./read-module.ts";
import { diagnosticsOf, printDiagnostics } from "./report.ts";
import { UsageError } from "./usage-error.ts";
import { type CompilerFlags, useCompiler } from "./use-compiler.ts";

export interface OptFlags extends CompilerFlags, ObserveFlags {
  readonly passes?: string;
  readonly output?: string;
  readonly short?: boolean;
  /** Off with `--no-verify-each`. */
  readonly verifyEach?: boolean;
  readonly listPasses?: boolean;
}

/** `tflower opt`: runs passes over a module and prints what comes out. Gives the exit code. */
export async function optCommand(path: string | undefined, flags: OptFlags): Promise<number> {
  if (flags.listPasses) {
    const { compiler } = await useCompiler(flags);
    process.stdout.write(describePasses(knownPasses(compiler)));
    return 0;
  }
  if (path === undefined) throw new UsageError("expected a file: a text form (.ir), a .pt2 or a .tflite");
  const head = await headOf(path);
  const { compiler } = await useCompiler(flags, head.settings);
  const wanted = flags.passes ?? head.passes;
  if (wanted === undefined)
    throw new UsageError(
      `expected --passes "a,b{x=4}", or a file that begins with "// passes: ..."; tflower opt --list-passes shows what there is`,
    );
  const passes = parsePasses(wanted, knownPasses(compiler));
  const finish = observe(compiler, flags);
  const notes: Diagnostic[] = [];
  try {
    const { module, done = head.done } = await readModule(path, compiler, (d) => notes.push(d));
    const taken = done ? [] : takenAsDone(passes);
    if (taken.length)
      notes.push({
        severity: "note",
        code: "PAS0003",
        message: `${taken.join(", ")} ${taken.length > 1 ? "are" : "is"} required, and not among --passes: the module is taken to have been through ${taken.length > 1 ? "them" : "it"}`,
        help: 'a head of the text that says so, "// after: NAME, NAME", lets this be checked',
      });
    const wrong = verifyModule(module);
    if (wrong.length) throw new CompileError(wrong);
    await runPasses(module, passes, compiler, {
      verifyEach: flags.verifyEach ?? true,
      ...(done && { done }),
      report: (d) => void notes.push(d),
    });
    const text = printModule(module, { constants: flags.short ? "short" : "full" });
    if (flags.output === undefined) process.stdout.write(text);
    else
      await writeFileAtomically(flags.output, async (sink) => void (await sink.write(new TextEncoder().encode(text))));
    printDiagnostics(notes);
    return 0;
  } catch (e) {
    printDiagnostics([...diagnosticsOf(e, path), ...notes]);
    return 1;
  } finally {
    finish();
  }
}

/** What the comments at the head of a text say; nothing, of a file that is no text. */
async function headOf(path: string): Promise<ReturnType<typeof readReproducer>> {
  if ((await stat(path)).isDirectory()) throw Object.assign(new Error(`${path} is a folder`), { code: "EISDIR", path });
  const start = (await readFile(path)).subarray(0, 65_536).toString("utf8");
  return start.trimStart().startsWith("//") ? readReproducer(start) : {};
}
