import type { Diagnostic } from "@tflower/core";

/** Codes of what a `.tflite` may hold and the IR cannot, with the cause in one line. */
export const readCodes = {
  TFL0030: "a .tflite is not well-formed",
  TFL0031: "a .tflite uses a builtin that the tfl dialect does not declare",
  TFL0032: "a tensor of a .tflite cannot be held",
  TFL0033: "a use of an operator in a .tflite cannot be held",
  TFL0034: "a result in a .tflite has another type than its operands and options give",
  TFL0035: "a signature of a .tflite cannot be held",
} as const;

/** A code of the reader. */
export type ReadCode = keyof typeof readCodes;

/** Why one tensor or operator cannot be held; becomes a diagnostic that says where. */
export class FileProblem extends Error {
  override readonly name = "FileProblem";
  readonly code: ReadCode;
  readonly help: string | undefined;
  constructor(code: ReadCode, message: string, help?: string) {
    super(message);
    this.code = code;
    this.help = help;
  }
}

/** The problem as a diagnostic; `where` names the operator or tensor. */
export const problemAt = (where: string, p: FileProblem, op?: string): Diagnostic => ({
  severity: "error",
  code: p.code,
  message: `${where}: ${p.message}`,
  ...(op !== undefined && { op }),
  ...(p.help !== undefined && { help: p.help }),
});
