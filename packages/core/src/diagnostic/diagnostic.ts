import { type Frame, type Location, userFrame } from "../ir/location.ts";
import type { Code } from "./codes.ts";

/** Something the user should know: what was expected, what came, where, and what to do. */
export interface Diagnostic {
  readonly severity: "error" | "warning" | "note";
  /** One code per cause; `docs/diagnostics/CODE.md` explains it. */
  readonly code: Code | (string & {});
  readonly message: string;
  /** Name of the op concerned, as `aten.gelu`. */
  readonly op?: string;
  /** The offending node or text, as the text form prints it. */
  readonly subject?: string;
  readonly location?: Location;
  /** A place in a text file of ours, where the problem is not in a Python program. */
  readonly frame?: Frame;
  readonly notes?: readonly string[];
  readonly help?: string;
}

/** The text a person reads. */
export function render(d: Diagnostic): string {
  const out = [`${d.severity}[${d.code}]: ${d.message}`];
  if (d.subject) out.push(`  | ${d.subject}`);
  if (d.location?.module)
    out.push(`  = module ${d.location.module}${d.location.moduleClass ? ` (${d.location.moduleClass})` : ""}`);
  const frame = d.frame ?? (d.location ? userFrame(d.location) : undefined);
  if (frame) out.push(`  --> ${frame.file}:${frame.line}${frame.source ? `\n      ${frame.source}` : ""}`);
  for (const n of d.notes ?? []) out.push(`  = note: ${n}`);
  if (d.help) out.push(`  = help: ${d.help}`);
  return out.join("\n");
}

/** Thrown once, with every error of a run gathered. */
export class CompileError extends Error {
  override readonly name = "CompileError";
  readonly diagnostics: readonly Diagnostic[];
  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map(render).join("\n\n"));
    this.diagnostics = diagnostics;
  }
}

/** Shorthand for a {@link CompileError} with one error. */
export const compileError = (
  code: Code,
  message: string,
  rest: Omit<Diagnostic, "severity" | "code" | "message"> = {},
): CompileError => new CompileError([{ severity: "error", code, message, ...rest }]);
