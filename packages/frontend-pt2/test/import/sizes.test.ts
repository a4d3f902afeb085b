import { describe, expect, test } from "vitest";
import { imported, newCompiler, refused } from "../support/imported.ts";

/** Lines of the main graph that mention `what`. */
const lines = async (name: string, what: RegExp): Promise<string[]> =>
  (await imported(name)).text
    .split("\n")
    .filter((l) => what.test(l))
    .map((l) => l.trim());

describe("sizes that the program computes are expressions", () => {
  test.each(["product", "quotient", "remainder", "bounds", "slice", "flat"])("%s", async (kind) => {
    expect(await lines(`size-${kind}`, /new_zeros|slice|reshape/)).toMatchSnapshot();
  });
  test("and the nodes that compute them are gone", async () => {
    expect((await imported("size-product")).text).not.toMatch(/sym_size|_operator|python/);
  });
});

test("a size is a tensor where it is computed with", async () => {
  expect(await lines("size-added", /core\.dim|aten\.add/)).toMatchInlineSnapshot(`
    [
      "%0 = core.dim() {expr = (s33)} : i64[]",
      "%add = aten.add.Tensor(%args_0, %1) : f32[s33,s50]",
    ]
  `);
  // beside int32 a Python number does not make int64
  expect(await lines("size-scaled", /core\.dim|_to_copy|aten\.mul/)).toMatchInlineSnapshot(`
    [
      "%0 = core.dim() {expr = (s33+s50)} : i64[]",
      "%1 = aten._to_copy(%0) {dtype = "i32"} : i32[]",
      "%mul = aten.mul.Tensor(%to, %1) : i32[s33,s50]",
    ]
  `);
});

test("a size that leaves the program is an int64 scalar", async () => {
  expect((await imported("size-outputs")).text).toMatchInlineSnapshot(`
    "graph @main(%args_0: f32[s33,8]) {
      %c0 = const [1.0] : f32[]
      %add = aten.add.Tensor(%args_0, %c0) : f32[s33,8]
      %1 = core.dim() {expr = (s33)} : i64[]
      %2 = core.dim() {expr = (2*s33+8)} : i64[]
      return %1 as "output_0", %add as "output_1", %2 as "output_2"
    }"
  `);
});

test("ranges of sizes come along", async () => {
  const { module } = await imported("size-outputs");
  expect([...module.symbols.values()]).toEqual([{ min: 2, max: 100 }]);
});

describe("what depends on sizes and is no integer is refused", () => {
  test("a float", async () => {
    const [d] = await refused("size-float");
    expect(d).toMatchObject({ code: "IMP0100", op: "aten.mul.Tensor" });
    expect(d!.message).toMatch(/node "mul": it takes the number .*, which depends on the program's inputs/);
    expect(d!.help).toMatch(/fixed/);
  });
  test("a truth value", async () => {
    const [d] = await refused("size-bool");
    expect(d!.message).toMatch(/an argument of kind "symBool" where tflower expects tensors/);
  });
});

test("a dialect without sizes says so", async () => {
  const compiler = newCompiler();
  const without = Object.create(compiler, {
    knownOps: { value: new Map([...compiler.knownOps].filter(([k]) => k !== "core.dim")) },
  });
  expect((await refused("size-added", without))[0]!.message).toMatch(/no dialect in use declares core\.dim/);
});
