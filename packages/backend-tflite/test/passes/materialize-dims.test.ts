import { i32Data, type Module, parseDim, runGraph, showDim, substitute, tensorData } from "@tflower/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { materializeDims } from "../../src/passes/materialize-dims.ts";
import { run } from "./run-pass.ts";

/** A program that fills a vector whose extent is `dim`. */
const filling = (inputs: string, dim: string): string => `graph @main(${inputs}) {
  %c = const [1.0] : f32[]
  %0 = tfl.fill(%c, none) {dims = [(${dim})]} : f32[${dim}]
  return %0
}`;
async function extentOf(module: Module, ...shapes: readonly (readonly number[])[]): Promise<number> {
  const inputs = shapes.map((s) => tensorData("f32", s, new Array(s.reduce((a, b) => a * b, 1)).fill(0)));
  const [got] = await runGraph(module.graphs[0]!, inputs);
  return got!.type.shape[0]!;
}

test("what an extent is, is computed from the shape of an input", async () => {
  const { text, module } = await run(filling("%x: f32[3,n]", "2*n+1"), [materializeDims()]);
  expect(text).toMatchInlineSnapshot(`
    "graph @main(%x: f32[3,n]) {
      %0 = tfl.shape(%x) : i32[2]
      %1 = tfl.slice(%0, none, none) {begin = [1], size = [1]} : i32[1]
      %2 = tfl.reshape(%1, none) {shape = []} : i32[]
      %c3 = const [2] : i32[]
      %4 = tfl.mul(%c3, %2) : i32[]
      %c5 = const [1] : i32[]
      %6 = tfl.add(%4, %c5) : i32[]
      %7 = tfl.pack((%6)) : i32[1]
      %c = const [1.0] : f32[]
      %8 = tfl.fill(%c, %7) {dims = [(2*n+1)]} : f32[2*n+1]
      return %8
    }
    "
  `);
  expect(await extentOf(module, [3, 5])).toBe(11);
});

describe("a symbol is read where it can be", () => {
  test.each([
    ["%x: f32[2*n]", [[8]], 4],
    ["%x: f32[3*n+2]", [[14]], 4],
    ["%x: f32[2*n], %y: f32[n]", [[8], [4]], 4],
  ] as const)("%s", async (inputs, shapes, n) => {
    const { module, said } = await run(filling(inputs, "n"), [materializeDims()]);
    expect(said).toEqual([]);
    expect(await extentOf(module, ...shapes)).toBe(n);
  });
  test("a result that a node before gives", async () => {
    const text = `graph @main(%x: bool[4]) {
      %0 = tfl.where(%x) : i64[u0,1]
      %c = const [1.0] : f32[]
      %1 = tfl.fill(%c, none) {dims = [(u0)]} : f32[u0]
      return %1
    }`;
    const { module, said } = await run(text, [materializeDims()]);
    expect(said).toEqual([]);
    const [got] = await runGraph(module.graphs[0]!, [tensorData("bool", [4], [1, 0, 1, 1])]);
    expect(got!.type.shape).toEqual([3]);
  });
  test("or it is refused", async () => {
    const { said } = await run(filling("%x: f32[n*m]", "n"), [materializeDims()]);
    expect(said.map((d) => d.code)).toEqual(["TFL0010"]);
    expect(said[0]).toMatchObject({ op: "tfl.fill", help: expect.stringContaining("fixed") });
  });
});

test("an extent is computed once for all that need it", async () => {
  const { text } = await run(
    `graph @main(%x: f32[n,m]) {
      %c = const [1.0] : f32[]
      %0 = tfl.fill(%c, none) {dims = [(n*m)]} : f32[n*m]
      %1 = tfl.fill(%c, none) {dims = [(n*m), 2]} : f32[n*m,2]
      return %0, %1
    }`,
    [materializeDims()],
  );
  expect(text.match(/tfl\.shape/g)).toHaveLength(2);
  expect(text.match(/tfl\.mul/g)).toHaveLength(1);
});

test("a reshape with one open extent needs no arithmetic", async () => {
  const { text } = await run(
    `graph @main(%x: f32[n,2]) { %0 = tfl.reshape(%x, none) {shape = [2, (n)]} : f32[2,n] return %0 }`,
    [materializeDims()],
  );
  expect(text).not.toMatch(/tfl\.shape/);
});

/** Extents as programs have them: whole numbers, sums, products, quotients, remainders, bounds. */
const dims = fc.letrec<{ dim: string }>((tie) => ({
  dim: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom("n", "m", "3", "1"),
    fc.tuple(tie("dim"), fc.constantFrom("+", "*"), tie("dim")).map(([a, op, b]) => `(${a})${op}(${b})`),
    fc
      .tuple(fc.constantFrom("floordiv", "mod"), tie("dim"), fc.integer({ min: 1, max: 7 }))
      .map(([f, a, b]) => `${f}(${a},${b})`),
    fc.tuple(fc.constantFrom("max", "min"), tie("dim"), tie("dim")).map(([f, a, b]) => `${f}(${a},${b})`),
    tie("dim").map((a) => `40-(${a})`),
  ),
})).dim;

test("is what the expression says, whatever it is made of", async () => {
  await fc.assert(
    fc.asyncProperty(dims, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), async (text, n, m) => {
      const dim = parseDim(text);
      if (typeof dim === "number") return;
      const want = substitute(dim, (s) => (s === "n" ? n : m)) as number;
      const program = `graph @main(%x: f32[n,m]) {
        %0 = tfl.range(none, none, none) {start = (${showDim(dim)}), limit = (${showDim(dim)}+1)} : i32[1]
        return %0
      }`;
      const { module, said } = await run(program, [materializeDims()]);
      expect(said).toEqual([]);
      const [got] = await runGraph(module.graphs[0]!, [tensorData("f32", [n, m], new Array(n * m).fill(0))]);
      expect(got).toEqual(i32Data([want]));
    }),
    { numRuns: 200 },
  );
});
