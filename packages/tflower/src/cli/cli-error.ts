import { CompileError, type Diagnostic } from "@tflower/core";
import type { CliCode } from "./codes.ts";

/** A `CompileError` with one error of the command line's own. */
export const cliError = (
  code: CliCode,
  message: string,
  rest: Pick<Diagnostic, "notes" | "help" | "subject"> = {},
): CompileError => new CompileError([{ severity: "error", code, message, ...rest }]);
