import { showDim, substitute } from "@tflower/core";
import { describe, expect, test } from "vitest";
import { exprToDim } from "../../src/import/to-dim.ts";
import { parseSymExpr } from "../../src/schema/parse-sym-expr.ts";
import { fixtureJson } from "../support/fixture.ts";

const { bindings, expressions } = fixtureJson<{
  bindings: Record<string, number>[];
  expressions: { repr: string; str: string; values: (number | boolean)[] }[];
}>("expressions.json");

describe("an expression has the values that sympy gives it, or no form", () => {
  const refused: string[] = [];
  test.each(expressions.map((e) => [e.str, e] as const))("%s", (_, e) => {
    let dim: ReturnType<typeof exprToDim>;
    try {
      dim = exprToDim(parseSymExpr(e.repr));
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError);
      refused.push(e.str);
      return;
    }
    expect(bindings.map((b) => substitute(dim, (s) => b[s]))).toEqual(e.values);
  });
  test("what has no form are fractions, conditions, choices, and quotients of two sizes that need not be whole", () => {
    expect(refused).toMatchInlineSnapshot(`
      [
        "s0 - 9223372036854775807",
        "CeilToInt(IntTrueDiv(s0, s1))",
        "FloorToInt(IntTrueDiv(s0, s1))",
        "TruncToInt(IntTrueDiv(s0, s1))",
        "IntTrueDiv(s0, 4)",
        "FloatTrueDiv(ToFloat(s0), ToFloat(s1))",
        "Eq(s0, s1)",
        "Ne(s0, s1)",
        "s0 < s1",
        "s0 <= s1 + 4",
        "s0 > 3",
        "s0 >= 2*s1",
        "(s0 > 3) & (s1 < 9)",
        "(s0 > 30) | (s1 < 9)",
        "Ne(s0, 7)",
        "Where(s0 > s1, s0, s1)",
        "s0/2",
        "s0 + 0.5",
      ]
    `);
  });
});

describe("fractions are exact", () => {
  test.each([
    ["FloorToInt(Mul(Float('1.5'), ToFloat(s0)))", "floordiv(3*s0,2)"],
    ["TruncToInt(FloatTrueDiv(ToFloat(s0), Float('2.0')))", "floordiv(s0,2)"],
    ["CeilToInt(IntTrueDiv(s0, Integer(4)))", "-floordiv(-s0,4)"],
    ["FloorToInt(Add(Mul(Rational(1, 2), s0), Rational(1, 2)))", "floordiv(s0+1,2)"],
    ["Mul(Integer(2), IntTrueDiv(s0, Integer(2)))", "s0"],
    ["LShift(s0, Integer(3))", "8*s0"],
    ["ModularIndexing(s0, Integer(2), Integer(5))", "mod(floordiv(s0,2),5)"],
  ])("%s", (text, wanted) => expect(showDim(exprToDim(parseSymExpr(text)))).toBe(wanted));
  test.each([
    "IntTrueDiv(s0, Integer(2))",
    "TruncToInt(IntTrueDiv(Add(s0, Integer(-3)), Integer(2)))",
    "FloorToInt(Mul(Float('0.1'), ToFloat(s0)))",
    "s0 > 2",
    "oo",
  ])("%s has no form", (text) => expect(() => exprToDim(parseSymExpr(text))).toThrow(RangeError));
});
