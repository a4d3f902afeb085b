import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseSymExpr, SymExprError } from "../../src/schema/parse-sym-expr.ts";
import type { SymNode } from "../../src/schema/sym-expr.ts";
import { fixtureJson } from "../support/fixture.ts";

type Value = number | boolean;
const floorDiv = (a: number, b: number) => Math.floor(a / b);

/** What an expression means, written down a second time. */
function evaluate(node: SymNode, symbols: Readonly<Record<string, number>>): Value {
  switch (node.kind) {
    case "int":
      return Number(node.value);
    case "float":
      return node.value;
    case "bool":
      return node.value;
    case "rational":
      return Number(node.numerator) / Number(node.denominator);
    case "symbol":
      return symbols[node.name]!;
    case "infinity":
      return node.negative ? -Infinity : Infinity;
    case "call":
      throw new Error(node.fn);
  }
  const values = node.args.map((a) => evaluate(a, symbols));
  const numbers = values as number[];
  const [a, b, c] = numbers as [number, number, number];
  switch (node.kind) {
    case "add":
      return numbers.reduce((x, y) => x + y);
    case "mul":
      return numbers.reduce((x, y) => x * y);
    case "max":
      return Math.max(...numbers);
    case "min":
      return Math.min(...numbers);
    case "and":
      return values.every(Boolean);
    case "or":
      return values.some(Boolean);
    case "pow":
      return a ** b;
    case "floordiv":
    case "cleandiv":
      return floorDiv(a, b);
    case "ceildiv":
      return Math.ceil(a / b);
    case "mod":
      return a - b * floorDiv(a, b);
    case "truediv":
      return a / b;
    case "lshift":
      return a * 2 ** b;
    case "rshift":
      return floorDiv(a, 2 ** b);
    case "eq":
      return a === b;
    case "ne":
      return a !== b;
    case "lt":
      return a < b;
    case "le":
      return a <= b;
    case "gt":
      return a > b;
    case "ge":
      return a >= b;
    case "not":
      return !values[0];
    case "abs":
      return Math.abs(a);
    case "floor":
      return Math.floor(a);
    case "ceil":
      return Math.ceil(a);
    case "trunc":
      return Math.trunc(a);
    case "round":
      return Math.round(a);
    case "tofloat":
      return a;
    case "where":
      return values[0] ? b : c;
    case "modularindexing":
      return floorDiv(a, b) - c * floorDiv(floorDiv(a, b), c);
  }
}

const { bindings, expressions } = fixtureJson<{
  bindings: readonly Readonly<Record<string, number>>[];
  expressions: readonly { repr: string; str: string; values: readonly Value[] }[];
}>("expressions.json");

describe("parseSymExpr", () => {
  it.each(expressions)("$str means what sympy computes, as srepr and as str", ({ repr, str, values }) => {
    for (const text of [repr, str]) {
      const node = parseSymExpr(text);
      bindings.forEach((symbols, i) => {
        const value = evaluate(node, symbols);
        const expected = values[i]!;
        if (typeof expected === "boolean") expect(value).toBe(expected);
        else expect(value).toBeCloseTo(expected, 9);
      });
    }
  });

  it("keeps the assumptions of symbols", () => {
    expect(parseSymExpr("Symbol('s31', positive=True, integer=True)")).toEqual({
      kind: "symbol",
      name: "s31",
      assumptions: { positive: true, integer: true },
    });
  });

  it("keeps integers beyond 2^53", () => {
    expect(parseSymExpr("Integer(-9223372036854775807)")).toEqual({ kind: "int", value: -9223372036854775807n });
  });

  it("knows infinities, rationals, floats and opaque functions", () => {
    expect(parseSymExpr("oo")).toEqual({ kind: "infinity", negative: false });
    expect(parseSymExpr("-int_oo")).toEqual({ kind: "infinity", negative: true });
    expect(parseSymExpr("Rational(1, 2)")).toEqual({ kind: "rational", numerator: 1, denominator: 2 });
    expect(parseSymExpr("Float('0.5', precision=53)")).toEqual({ kind: "float", value: 0.5 });
    expect(parseSymExpr("OpaqueUnaryFn_sqrt(Symbol('s0'))")).toMatchObject({ kind: "call", fn: "sqrt" });
  });

  it("binds operators as Python does", () => {
    const value = (text: string) => evaluate(parseSymExpr(text), { a: 7, b: 2 });
    expect(value("-a**2")).toBe(-49);
    expect(value("2**-1")).toBe(0.5);
    expect(value("2**3**2")).toBe(512);
    expect(value("a - b - 1")).toBe(4);
    expect(value("a//b*b + a%b")).toBe(7);
    expect(() => value("1 + a < b * 9 & 1 < b")).toThrow(SymExprError);
    expect(value("(1 + a < b * 9) & (1 < b)")).toBe(true);
    expect(value("-a // b")).toBe(-4);
    expect(value("-(a // b)")).toBe(-3);
    expect(value("(a)")).toBe(7);
  });

  it.each([
    "",
    "Add(",
    "Add()",
    "1 +",
    "Foo(1)",
    "Symbol(s0)",
    "Symbol('a', integer=1)",
    "FloorDiv(a)",
    "a < b < c",
    "1 2",
    "Integer(x)",
    "Rational(1, 0)",
    "a = b",
    "import os",
    "'x'",
    "a.b",
    "f(x)(y)",
    "Mod(a, b, k=True)",
    "__import__('os')",
    "Float('x')",
    "Dummy('x')",
    "a if b else c",
  ])("refuses %j", (text) => expect(() => parseSymExpr(text)).toThrow(SymExprError));

  it("never does anything but parse or refuse, in linear time", () => {
    const words = [
      "Add",
      "Mul",
      "FloorDiv",
      "(",
      ")",
      ",",
      "1",
      "s0",
      "'a'",
      "Symbol",
      "Integer",
      "-",
      "+",
      "**",
      "<",
      "=",
      "True",
      " ",
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...words), { maxLength: 20 }), (parts) => {
        try {
          parseSymExpr(parts.join(""));
        } catch (error) {
          expect(error).toBeInstanceOf(SymExprError);
        }
      }),
      { numRuns: 2000 },
    );
    const start = performance.now();
    expect(() => parseSymExpr("(".repeat(500_000))).toThrow(SymExprError);
    expect(() => parseSymExpr("-".repeat(500_000))).toThrow(SymExprError);
    expect(() => parseSymExpr("2**".repeat(100_000))).toThrow(SymExprError);
    expect(() => parseSymExpr("x".repeat(2_000_000))).toThrow(SymExprError);
    expect(parseSymExpr(Array.from({ length: 200_000 }, () => "a").join("+"))).toMatchObject({ kind: "add" });
    expect(performance.now() - start).toBeLessThan(3000);
  });
});
