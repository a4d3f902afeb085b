import type { ReadCode } from "../import-error.ts";

/** Why a pickle is not read; the caller adds where it lies. */
export class PickleRefusal extends Error {
  override readonly name = "PickleRefusal";
  readonly code: ReadCode;
  readonly help: string;
  constructor(code: ReadCode, message: string, help: string) {
    super(message);
    this.code = code;
    this.help = help;
  }
}

/** The refusal of what is no pickle, or none that torch writes. */
export const malformed = (message: string): PickleRefusal =>
  new PickleRefusal("IMP0015", message, "export the program again; torch.save does not write such a pickle");
