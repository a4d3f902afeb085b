import type { Compiler } from "../../compiler.ts";
import type { Settings } from "../../settings.ts";
import { printModule } from "../../text/print.ts";

/** What a failed pass leaves behind: the module before it and the pass, as one text that parses and says how to run it. */
export interface Reproducer {
  readonly pass: string;
  readonly text: string;
}

/**
 * Keeps the module's text before each pass, with the elements of constants that are in memory, and hands it over when the pass fails.
 * {@link readReproducer} reads its head. Costs a print per pass: for debugging, not for everyday conversions.
 */
export function writeReproducer(compiler: Compiler, write: (r: Reproducer) => void): void {
  const before: string[] = [];
  const failures = new WeakSet<Error>();
  compiler.hooks.beforePass.tap("write-reproducer", (_, module) => {
    before.push(printModule(module, { constants: "full" }));
  });
  compiler.hooks.afterPass.tap("write-reproducer", () => void before.pop());
  compiler.hooks.failedPass.tap("write-reproducer", (pass, _, error) => {
    const text = before.pop()!;
    // passes around the one that failed fail with it
    if (failures.has(error)) return;
    failures.add(error);
    const why = error.message.split("\n").map((l) => `// ${l}`);
    const settings = `// settings: ${JSON.stringify(compiler.settings)}`;
    const plugins = `// plugins: ${compiler.plugins.map((p) => p.name).join(", ")}`;
    write({ pass: pass.text, text: [`// passes: ${pass.text}`, settings, plugins, ...why, text].join("\n") });
  });
}

/** How a text asks to be run: what a {@link Reproducer} begins with. */
export interface RunHead {
  /** Pipeline text, for `parsePasses`. */
  readonly passes?: string;
  readonly settings?: Partial<Settings>;
  /** Names of passes that the module has been through, for `runPasses`. */
  readonly done?: readonly string[];
}

/** Reads the comments at the head of a text. Throws a `SyntaxError` where the settings are no JSON. */
export function readReproducer(text: string): RunHead {
  const head = /^(?:\s*\/\/[^\n]*\n)*/.exec(text)?.[0] ?? "";
  const line = (key: string): string | undefined => new RegExp(`^\\s*//\\s*${key}:\\s*(.*?)\\s*$`, "m").exec(head)?.[1];
  const [passes, settings, after] = [line("passes"), line("settings"), line("after")];
  return {
    ...(passes !== undefined && { passes }),
    ...(settings !== undefined && { settings: JSON.parse(settings) as Partial<Settings> }),
    ...(after !== undefined && { done: after.split(/[,\s]+/).filter(Boolean) }),
  };
}
