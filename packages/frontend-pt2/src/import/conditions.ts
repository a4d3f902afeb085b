import { boundsOf, type SymbolRange, subDim } from "@tflower/core";
import type { SymNode } from "../schema/sym-expr.ts";
import { exprToDim } from "./to-dim.ts";

/** Whether a condition on sizes always holds, or never does, for symbols in their ranges; `undefined` where it may do either. */
export function decide(condition: SymNode, rangeOf: (symbol: string) => SymbolRange): boolean | undefined {
  const all = (args: readonly SymNode[]): (boolean | undefined)[] => args.map((a) => decide(a, rangeOf));
  switch (condition.kind) {
    case "bool":
      return condition.value;
    case "and": {
      const parts = all(condition.args);
      return parts.includes(false) ? false : parts.includes(undefined) ? undefined : true;
    }
    case "or": {
      const parts = all(condition.args);
      return parts.includes(true) ? true : parts.includes(undefined) ? undefined : false;
    }
    case "not": {
      const [inner] = all(condition.args);
      return inner === undefined ? undefined : !inner;
    }
    case "eq":
    case "ne":
    case "lt":
    case "le":
    case "gt":
    case "ge":
      return relation(condition.kind, condition.args, rangeOf);
    default:
      return undefined;
  }
}

function relation(
  kind: "eq" | "ne" | "lt" | "le" | "gt" | "ge",
  [a, b]: readonly SymNode[],
  rangeOf: (symbol: string) => SymbolRange,
): boolean | undefined {
  let bounds: SymbolRange;
  try {
    bounds = boundsOf(subDim(exprToDim(a!), exprToDim(b!)), rangeOf);
  } catch {
    return undefined; // no integers
  }
  const { min, max } = bounds;
  const when = (yes: boolean, no: boolean): boolean | undefined => (yes ? true : no ? false : undefined);
  switch (kind) {
    case "eq":
      return when(min === 0 && max === 0, min > 0 || max < 0);
    case "ne":
      return when(min > 0 || max < 0, min === 0 && max === 0);
    case "lt":
      return when(max < 0, min >= 0);
    case "le":
      return when(max <= 0, min > 0);
    case "gt":
      return when(min > 0, max <= 0);
    case "ge":
      return when(min >= 0, max < 0);
  }
}

const infix: Readonly<Record<string, string>> = {
  add: "+",
  mul: "*",
  and: "and",
  or: "or",
  floordiv: "//",
  cleandiv: "//",
  truediv: "/",
  mod: "%",
  pow: "**",
  lshift: "<<",
  rshift: ">>",
  eq: "==",
  ne: "!=",
  lt: "<",
  le: "<=",
  gt: ">",
  ge: ">=",
};

/** An expression as Python writes it; `nameOf` says what a symbol is called. */
export function showExpr(e: SymNode, nameOf: (symbol: string) => string = (s) => s): string {
  const inner = (x: SymNode): string => {
    const text = showExpr(x, nameOf);
    return "args" in x && infix[x.kind] ? `(${text})` : text;
  };
  switch (e.kind) {
    case "int":
    case "float":
      return String(e.value);
    case "rational":
      return `${e.numerator}/${e.denominator}`;
    case "bool":
      return e.value ? "True" : "False";
    case "infinity":
      return e.negative ? "-inf" : "inf";
    case "symbol":
      return nameOf(e.name);
    case "not":
      return `not ${inner(e.args[0]!)}`;
    case "call":
      return `${e.fn}(${e.args.map((x) => showExpr(x, nameOf)).join(", ")})`;
    default:
      return infix[e.kind]
        ? e.args.map(inner).join(` ${infix[e.kind]} `)
        : `${e.kind}(${e.args.map((x) => showExpr(x, nameOf)).join(", ")})`;
  }
}

/** Names of the symbols in an expression. */
export function symbolsIn(e: SymNode, into: Set<string> = new Set()): Set<string> {
  if (e.kind === "symbol") into.add(e.name);
  if ("args" in e) for (const a of e.args) symbolsIn(a, into);
  return into;
}
