import type { Compiler } from "../../compiler.ts";
import type { Module } from "../../ir/module.ts";
import { type PrintOptions, printModule } from "../../text/print.ts";

/** Which passes are followed by a print of the module. */
export type PrintAfter = "all" | "change" | readonly string[];

/**
 * Prints the module after passes: after all, after those that changed it, or after those named (none: `[]`).
 * A failed pass is followed by a print too, of what it left behind.
 */
export function printAfterPasses(
  compiler: Compiler,
  after: PrintAfter,
  write: (text: string) => void,
  options: PrintOptions = {},
): void {
  let before = "";
  const failures = new WeakSet<Error>();
  const text = (m: Module): string => printModule(m, options);
  if (after === "change")
    compiler.hooks.beforePass.tap("print-after-passes", (_, module) => {
      before ||= text(module);
    });
  compiler.hooks.afterPass.tap("print-after-passes", (pass, module) => {
    if (after === "change") {
      const now = text(module);
      if (now !== before) write(`// ---- after ${pass.text}\n${now}`);
      before = now;
    } else if (after === "all" || after.includes(pass.name)) write(`// ---- after ${pass.text}\n${text(module)}`);
  });
  compiler.hooks.failedPass.tap("print-after-passes", (pass, module, error) => {
    // passes around the one that failed fail with it
    if (failures.has(error)) return;
    failures.add(error);
    write(`// ---- ${pass.text} failed\n${text(module)}`);
  });
}
