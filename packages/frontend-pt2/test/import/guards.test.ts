import { describe, expect, test } from "vitest";
import { decide, showExpr } from "../../src/import/conditions.ts";
import { parseSymExpr } from "../../src/schema/parse-sym-expr.ts";
import { expectCode } from "../support/expect-code.ts";
import { imported, newCompiler, program } from "../support/imported.ts";

test("what the program asks of its inputs goes into the file, in terms of the inputs", async () => {
  const { module, said } = await imported("guards");
  expect(JSON.parse(module.metadata.get("tflower.preconditions")!)).toEqual({
    serving_default: [
      "(args[0].shape[0] % 2) == 0",
      "args[0].shape[0] <= 2*args[0].shape[1]",
      "(args[0].shape[0] // 2) <= args[0].shape[0]",
      "(args[0].shape[0] // 2) != 1",
    ],
  });
  expect(said.map((d) => [d.severity, d.code])).toEqual([["note", "IMP0114"]]);
});

test("a program that asks nothing says nothing", async () => {
  const { module, said } = await imported("size-product");
  expect([said, module.metadata.has("tflower.preconditions")]).toEqual([[], false]);
});

describe("asserts about what the program computes", () => {
  test("are dropped with a warning, but for those that hold by nature", async () => {
    const { said } = await imported("guards-on-data");
    // that nonzero finds at least none and at most three of three needs no assert
    expect(said.map((d) => `${d.severity} ${d.code} ${/asserts (.*) about/.exec(d.message)?.[1]}`)).toEqual([
      "warning IMP0107 u1 >= 0",
      "warning IMP0107 u1 <= 4",
      "warning IMP0107 u1 < 5",
    ]);
    expect(said[0]!.location?.frames?.().at(-1)?.file).toMatch(/make_programs\.py$/);
  });
  test("are errors when nothing may be lost", async () => {
    await expectCode("IMP0107", () => imported("guards-on-data", newCompiler({ strict: true })), /u1 >= 0/);
  });
  test("about tensors stay for later", async () => {
    const { text, said } = await imported("assert-on-tensor");
    expect(said).toEqual([]);
    expect(text).toMatch(/aten\._assert_async\.msg/);
  });
});

test("a guard on a truth value that is not there is refused", async () => {
  const p = await program("guards-on-data");
  const graph = { ...p.graph, symBoolValues: new Map() };
  await expectCode("IMP0108", () => imported({ ...p, graph }), /truth value "ge_1", which the graph does not state/);
});

describe("conditions", () => {
  const ranges: Readonly<Record<string, { min: number; max: number }>> = {
    s0: { min: 2, max: 10 },
    s1: { min: 4, max: Infinity },
  };
  test.each([
    ["s0 >= 2", true],
    ["s0 > 2", undefined],
    ["s0 < 11", true],
    ["s0 < 2", false],
    ["s0 <= 1", false],
    ["s0 == 1", false],
    ["s0 != 1", true],
    ["s0 == 3", undefined],
    ["s1 > 3", true],
    ["s0*s1 >= 8", true],
    ["s0 + s1 < 7", undefined],
    ["s0 - s0 == 0", true],
    ["Mod(s0, 2) < 2", true],
    ["(s0 >= 2) & (s1 >= 4)", true],
    ["And(s0 >= 2, s1 >= 5)", undefined],
    ["And(s0 > 99, s1 >= 5)", false],
    ["Or(s0 > 99, s1 >= 4)", true],
    ["Or(s0 > 99, s1 > 9)", undefined],
    ["Not(s0 > 99)", true],
    ["Not(s0 > 5)", undefined],
    ["True", true],
  ] as const)("%s: %s", (text, wanted) => expect(decide(parseSymExpr(text), (s) => ranges[s]!)).toBe(wanted));

  test.each([
    ["LessThan(Symbol('u0', integer=True), Integer(4))", "u0 <= 4"],
    ["Eq(Mod(s0, 2), 0)", "(s0 % 2) == 0"],
    ["Mul(Integer(2), Add(s0, Integer(1)))", "2 * (s0 + 1)"],
    ["Max(s0, s1)", "max(s0, s1)"],
    ["Not(Eq(s0, 1))", "not (s0 == 1)"],
    ["And(s0 > 1, s1 > 2)", "(s0 > 1) and (s1 > 2)"],
  ])("%s reads %s", (text, wanted) => expect(showExpr(parseSymExpr(text))).toBe(wanted));
});
