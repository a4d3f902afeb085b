import { TfliteError } from "@tflower/backend-tflite";
import { CompileError, type Diagnostic, render, userFrame } from "@tflower/core";
import type { CliCode } from "./codes.ts";
import type { QuantizationJson } from "./quantizing.ts";

/** One diagnostic as scripts get it. */
export interface DiagnosticJson {
  readonly severity: string;
  readonly code: string;
  readonly message: string;
  readonly op?: string;
  readonly module?: string;
  readonly location?: string;
  readonly help?: string;
  readonly notes?: readonly string[];
}

/** One line of `--json`. */
export interface ResultJson {
  readonly input: string;
  readonly output?: string;
  readonly status: "ok" | "error";
  readonly ms: number;
  /** How it was quantized, where it was. */
  readonly quantization?: QuantizationJson;
  readonly diagnostics: readonly DiagnosticJson[];
}

export function toJson(d: Diagnostic): DiagnosticJson {
  const frame = d.location && userFrame(d.location);
  return {
    severity: d.severity,
    code: d.code,
    message: d.message,
    ...(d.op !== undefined && { op: d.op }),
    ...(d.location?.module !== undefined && { module: d.location.module }),
    ...(frame && { location: `${frame.file}:${frame.line}` }),
    ...(d.help !== undefined && { help: d.help }),
    ...(d.notes?.length && { notes: d.notes }),
  };
}

/** What went wrong, as diagnostics: errors of the system become one that a person can act on. */
export function diagnosticsOf(e: unknown, path: string): readonly Diagnostic[] {
  if (e instanceof CompileError) return e.diagnostics;
  const error = e as NodeJS.ErrnoException;
  if (e instanceof TfliteError)
    return [
      {
        severity: "error",
        code: "TFL0001",
        message: error.message,
        help: "this is a mistake in a lowering or a pass; please report it",
      },
    ];
  const system = systemErrors[error.code ?? ""];
  if (system)
    return [
      { severity: "error", code: system.code, message: `${error.path ?? path}: ${system.message}`, help: system.help },
    ];
  return [
    {
      severity: "error",
      code: "CLI0001",
      message: `${path}: ${error.message}`,
      help: "this is unexpected; please report it with the file that causes it",
    },
  ];
}

const systemErrors: Readonly<Record<string, { code: CliCode; message: string; help: string }>> = {
  ENOENT: { code: "CLI0002", message: "there is no such file or folder", help: "check the path" },
  EACCES: {
    code: "CLI0003",
    message: "the system does not allow access to it",
    help: "check the permissions of the file and its folder",
  },
  EPERM: {
    code: "CLI0003",
    message: "the system does not allow access to it",
    help: "check the permissions of the file and its folder",
  },
  EROFS: {
    code: "CLI0003",
    message: "it lies on a file system that cannot be written",
    help: "choose another output folder",
  },
  EISDIR: {
    code: "CLI0004",
    message: "it is a folder, and a file was expected",
    help: "give a file; for inputs, the .pt2 itself",
  },
  ENOTDIR: {
    code: "CLI0004",
    message: "a part of the path is a file, and a folder was expected",
    help: "check the path",
  },
  EEXIST: {
    code: "CLI0004",
    message: "something of another kind is there already",
    help: "choose another output, or remove what is there",
  },
  ENOSPC: {
    code: "CLI0005",
    message: "the disk is full; nothing was left behind",
    help: "free some space, or choose another output folder",
  },
  EDQUOT: {
    code: "CLI0005",
    message: "the disk quota is used up; nothing was left behind",
    help: "free some space, or choose another output folder",
  },
  EMFILE: {
    code: "CLI0006",
    message: "too many files are open",
    help: "convert fewer files at once, or raise the limit",
  },
  EIO: { code: "CLI0007", message: "the medium failed", help: "check the disk; copy the file and try again" },
};

/** Writes diagnostics for people. */
export function printDiagnostics(ds: readonly Diagnostic[]): void {
  for (const d of ds) process.stderr.write(`${render(d)}\n\n`);
}
