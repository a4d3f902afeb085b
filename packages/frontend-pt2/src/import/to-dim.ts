import { addDim, boundsOf, type Dim, floorDivDim, maxDim, minDim, modDim, mulDim, symbol } from "@tflower/core";
import type { SymSize } from "../schema/exported-program.ts";
import type { SymNode } from "../schema/sym-expr.ts";

/** An extent of the file as one of the IR. Throws a `RangeError` on an expression that has no integer form. */
export const toDim = (size: SymSize): Dim => (typeof size === "number" ? size : exprToDim(size.expr));

/** An expression over symbols as a {@link Dim}. Throws a `RangeError` when it has no integer form. */
export function exprToDim(e: SymNode): Dim {
  const { numerator, denominator } = toRatio(e);
  return denominator === 1 ? numerator : fail("a size that need not be whole");
}

/** `numerator / denominator`, exactly. */
interface Ratio {
  readonly numerator: Dim;
  readonly denominator: number;
}
const whole = (numerator: Dim): Ratio => ({ numerator, denominator: 1 });
/** Beyond this, products would leave the integers that a number holds. */
const largestDenominator = 2 ** 20;

function toRatio(e: SymNode): Ratio {
  switch (e.kind) {
    case "int":
      return typeof e.value === "number" ? whole(e.value) : fail(`the integer ${e.value}, which is beyond 2^53`);
    case "float":
      return ofFloat(e.value);
    case "rational":
      return reduced(Number(e.numerator), Number(e.denominator));
    case "symbol":
      return whole(symbol(e.name));
    case "tofloat":
      return toRatio(e.args[0]!);
    case "add":
      return e.args.map(toRatio).reduce(add);
    case "mul":
      return e.args.map(toRatio).reduce(multiply);
    case "truediv": {
      const [a, b] = [toRatio(e.args[0]!), toRatio(e.args[1]!)];
      if (typeof b.numerator !== "number" || b.numerator <= 0)
        return fail("a division by a size that need not be whole");
      return reduced(mulDim(a.numerator, b.denominator), a.denominator * b.numerator);
    }
    case "floor":
      return whole(floored(toRatio(e.args[0]!)));
    case "ceil":
      return whole(mulDim(floored(negated(toRatio(e.args[0]!))), -1));
    case "trunc": {
      const r = toRatio(e.args[0]!);
      // extents are never negative; a difference of them may be
      const { min } = boundsOf(r.numerator, () => ({ min: 0, max: Infinity }));
      return min >= 0 ? whole(floored(r)) : fail("the whole part of a number that may be negative");
    }
    case "pow": {
      const n = exprToDim(e.args[1]!);
      if (typeof n !== "number" || n < 0 || n > 8) return fail("a power with such an exponent");
      return Array.from({ length: n }, () => toRatio(e.args[0]!)).reduce(multiply, whole(1));
    }
    default:
      return whole(integerForm(e));
  }
}

/** Functions of integers. */
function integerForm(e: SymNode): Dim {
  if (!("args" in e)) return fail(`"${e.kind}" in a size`);
  const [a, b, c] = e.args;
  switch (e.kind) {
    case "max":
      return e.args.map(exprToDim).reduce(maxDim);
    case "min":
      return e.args.map(exprToDim).reduce(minDim);
    case "ceildiv":
      return mulDim(floorDivDim(mulDim(exprToDim(a!), -1), exprToDim(b!)), -1);
    case "cleandiv":
    case "floordiv":
      return floorDivDim(exprToDim(a!), exprToDim(b!));
    case "mod":
      return modDim(exprToDim(a!), exprToDim(b!));
    case "modularindexing":
      return modDim(floorDivDim(exprToDim(a!), exprToDim(b!)), exprToDim(c!));
    case "lshift":
      return mulDim(exprToDim(a!), shift(b!));
    case "rshift":
      return floorDivDim(exprToDim(a!), shift(b!));
    default:
      return fail(`"${e.kind}" in a size`);
  }
}

function shift(e: SymNode): number {
  const n = exprToDim(e);
  return typeof n === "number" && n >= 0 && n <= 30 ? 2 ** n : fail("a shift by such a number");
}

function ofFloat(v: number): Ratio {
  for (let d = 1; d <= largestDenominator; d *= 2)
    if (Number.isSafeInteger(v * d)) return { numerator: v * d, denominator: d };
  return fail(`the factor ${v}`);
}
function reduced(numerator: Dim, denominator: number): Ratio {
  if (!(denominator <= largestDenominator)) return fail(`a division by ${denominator}`);
  const terms = typeof numerator === "number" ? [numerator] : numerator.terms.map((t) => t.coef);
  const by = terms.reduce(commonDivisor, denominator);
  return { numerator: floorDivDim(numerator, by), denominator: denominator / by };
}
const commonDivisor = (a: number, b: number): number => (b === 0 ? Math.abs(a) : commonDivisor(b, a % b));
const add = (a: Ratio, b: Ratio): Ratio =>
  reduced(
    addDim(mulDim(a.numerator, b.denominator), mulDim(b.numerator, a.denominator)),
    a.denominator * b.denominator,
  );
const multiply = (a: Ratio, b: Ratio): Ratio =>
  reduced(mulDim(a.numerator, b.numerator), a.denominator * b.denominator);
const negated = (r: Ratio): Ratio => ({ ...r, numerator: mulDim(r.numerator, -1) });
const floored = ({ numerator, denominator }: Ratio): Dim => floorDivDim(numerator, denominator);

function fail(what: string): never {
  throw new RangeError(`tflower has no form for ${what}`);
}
