import type { Compiler } from "../../compiler.ts";
import { printModule } from "../../text/print.ts";

/** What a failed pass leaves behind: the module before it and the pass, as one text that parses. */
export interface Reproducer {
  readonly pass: string;
  readonly text: string;
}

/**
 * Keeps the module's text before each pass, with the elements of constants that are in memory, and hands it over when the pass fails.
 * Costs a print per pass: for debugging, not for everyday conversions.
 */
export function writeReproducer(compiler: Compiler, write: (r: Reproducer) => void): void {
  let before = "";
  compiler.hooks.beforePass.tap("write-reproducer", (_, module) => {
    before = printModule(module, { constants: "full" });
  });
  compiler.hooks.failedPass.tap("write-reproducer", (pass, _, error) => {
    const why = error.message.split("\n").map((l) => `// ${l}`);
    write({ pass: pass.text, text: [`// passes: ${pass.text}`, ...why, before].join("\n") });
  });
}
