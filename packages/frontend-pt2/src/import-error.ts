import { CompileError } from "@tflower/core";
import type { ImportCode } from "./import/import-codes.ts";

/** Every code that reading a `.pt2` gives, with the cause in one line. */
export const readCodes = {
  IMP0001: "the file is not a .pt2 archive",
  IMP0002: "the archive is truncated or damaged",
  IMP0003: "the archive contradicts itself in a way that only crafted files do",
  IMP0004: "the archive uses a zip feature that a .pt2 never has",
  IMP0005: "an entry's bytes do not match their checksum",
  IMP0006: "an entry that the program needs is missing",
  IMP0007: "something in the archive is larger than tflower accepts",
  IMP0008: "it is not clear which model of the archive is meant",
  IMP0009: "the archive was written in a format that tflower does not know",
  IMP0010: "an entry is not valid JSON",
  IMP0011: "a JSON entry does not have the shape that the schema asks for",
  IMP0012: "the program was written with another major version of the schema",
  IMP0013: "the program uses a member of the schema that tflower does not know",
  IMP0014: "a symbolic expression cannot be understood",
  IMP0015: "a pickle is malformed",
  IMP0016: "a pickle asks for something other than plain tensors",
  IMP0017: "a tensor's type does not fit the bytes it refers to",
  IMP0018: "a tensor of the program has no data in the archive",
  IMP0019: "a tensor is stored in a form that tflower does not read",
  IMP0020: "the file could not be read",
} as const;

/** A diagnostic code of this package. */
export type ReadCode = keyof typeof readCodes;

/** Which file, and which part of it, a message is about. */
export interface Where {
  readonly file: string;
  /** An archive entry, or a place within it such as `models/model.json: $.graph_module`. */
  readonly part?: string;
}

/** The part that lies within `where`'s, named by `part`. */
export const within = (where: Where, part: string): Where => ({
  file: where.file,
  part: where.part === undefined ? part : `${where.part}: ${part}`,
});

/** A {@link CompileError} with one error: `message` says what was expected and what came, `help` what to do. */
export function importError(
  code: ReadCode | ImportCode,
  where: Where,
  message: string,
  help: string,
  notes?: readonly string[],
): CompileError {
  const at = where.part === undefined ? where.file : `${where.file}: ${where.part}`;
  return new CompileError([
    {
      severity: "error",
      code,
      message: `${printable(at)}: ${printable(message)}`,
      help,
      ...(notes && { notes: notes.map(printable) }),
    },
  ]);
}

/** `text` quoted for a message: names come from the file, so they may be long or hold control characters. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}...` : text);
}

/** Names in the file may be anything; a terminal must not be steered by them. */
function printable(text: string): string {
  const safe = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (c) => `\\u{${c.codePointAt(0)!.toString(16)}}`);
  return safe.length > 2000 ? `${safe.slice(0, 2000)}...` : safe;
}
