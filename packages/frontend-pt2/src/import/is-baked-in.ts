import type { Argument } from "../schema/exported-program.ts";

/** Whether an input or output is None or a Python constant, which are part of the program and no tensors of its interface. */
export const isBakedIn = (arg: Argument): boolean =>
  arg.kind === "none" || arg.kind === "int" || arg.kind === "float" || arg.kind === "bool" || arg.kind === "string";
