import { addDim, type Dim, floorDivDim, maxDim, minDim, modDim, mulDim, symbol } from "@tflower/core";
import type { SymSize } from "../schema/exported-program.ts";
import type { SymNode } from "../schema/sym-expr.ts";

/** An extent of the file as one of the IR. Throws a `RangeError` on an expression that has no integer form. */
export const toDim = (size: SymSize): Dim => (typeof size === "number" ? size : exprToDim(size.expr));

/** An expression over symbols as a {@link Dim}. */
export function exprToDim(e: SymNode): Dim {
  switch (e.kind) {
    case "int":
      return typeof e.value === "number" ? e.value : fail(`the integer ${e.value} is beyond 2^53`);
    case "symbol":
      return symbol(e.name);
    case "add":
      return e.args.map(exprToDim).reduce(addDim);
    case "mul":
      return e.args.map(exprToDim).reduce(mulDim);
    case "max":
      return e.args.map(exprToDim).reduce(maxDim);
    case "min":
      return e.args.map(exprToDim).reduce(minDim);
    case "ceildiv":
      return mulDim(floorDivDim(mulDim(exprToDim(e.args[0]!), -1), exprToDim(e.args[1]!)), -1);
    case "cleandiv":
    case "floordiv":
      return floorDivDim(exprToDim(e.args[0]!), exprToDim(e.args[1]!));
    case "mod":
      return modDim(exprToDim(e.args[0]!), exprToDim(e.args[1]!));
    case "pow": {
      const n = exprToDim(e.args[1]!);
      const base = exprToDim(e.args[0]!);
      if (typeof n !== "number" || n < 0 || n > 8) return fail("a power with such an exponent");
      return Array.from({ length: n }, () => base).reduce<Dim>(mulDim, 1);
    }
    default:
      return fail(`"${e.kind}" in a size`);
  }
}

function fail(what: string): never {
  throw new RangeError(`tflower has no form for ${what}`);
}
