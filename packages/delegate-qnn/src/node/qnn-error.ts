import { CompileError, type Diagnostic } from "@tflower/core";
import type { QnnCode } from "../codes.ts";

/** An error about QNN or what it was given. */
export const qnnError = (
  code: QnnCode,
  message: string,
  rest: Omit<Diagnostic, "severity" | "code" | "message"> = {},
): CompileError => new CompileError([{ severity: "error", code, message, ...rest }]);
