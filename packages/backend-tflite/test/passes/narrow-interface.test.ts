import { runGraph, scalarData, tensorData } from "@tflower/core";
import { describe, expect, test } from "vitest";
import { narrowInterface } from "../../src/passes/narrow-interface.ts";
import { run } from "./run-pass.ts";

const narrow = (text: string) => run(`signature "main" = @main\n${text}`, [narrowInterface()], { int64: "narrow-io" });
/** The dtypes of the outputs of a program over `x` (int64) and `n` (int32), and what was said. */
async function outputs(body: string): Promise<readonly string[]> {
  const { module, said } = await narrow(`graph @main(%x: i64[2,3], %n: i32[4], %f: f32[2,3]) { ${body} }`);
  return [...module.graphs[0]!.outputs.map((v) => v.type.dtype), ...said.map((d) => `${d.severity} ${d.code}`)];
}

test("is left alone unless it is asked for", async () => {
  const text = `signature "main" = @main
graph @main(%x: i64[2]) {
  return %x
}
`;
  expect((await run(text, [narrowInterface()])).text).toBe(text);
  expect((await run(text, [narrowInterface()], { int64: "keep" })).text).toBe(text);
});

test("inputs are cast where they come in, and computed with in 64 bits", async () => {
  const { text, module } = await narrow(`graph @main(%x: i64[1]) {
    %0 = tfl.mul(%x, %x) : i64[1]
    %1 = tfl.cast(%0) {out_data_type = "f32"} : f32[1]
    return %1
  }`);
  expect(text).toMatchInlineSnapshot(`
    "signature "main" = @main
    graph @main(%x: i32[1]) {
      %0 = tfl.cast(%x) {out_data_type = "i64"} : i64[1]
      %1 = tfl.mul(%0, %0) : i64[1]
      %2 = tfl.cast(%1) {out_data_type = "f32"} : f32[1]
      return %2
    }
    "
  `);
  const [got] = await runGraph(module.graphs[0]!, [tensorData("i32", [1], [2_000_000_000])]);
  expect(got!.data[0]).toBe(Math.fround(4e18));
});

describe("outputs are int32 where their values are known to fit", () => {
  test.each([
    ["an input as it is", "return %x"],
    [
      "its elements moved",
      "%0 = tfl.transpose(%x) {perm = [1, 0]} : i64[3,2] %1 = tfl.reshape(%0, none) {shape = [6]} : i64[6] return %1",
    ],
    ["places of largest elements", '%0 = tfl.arg_max(%f) {axis = 1, output_type = "i64"} : i64[2] return %0'],
    ["places that hold", "%b = const [true, false] : bool[2] %0 = tfl.where(%b) : i64[u0,1] return %0"],
    ["what was int32 before", '%0 = tfl.cast(%n) {out_data_type = "i64"} : i64[4] return %0'],
    [
      "a count of bools",
      '%b = const [true, false] : bool[2] %0 = tfl.cast(%b) {out_data_type = "i64"} : i64[2] %1 = tfl.sum(%0) {axes = [0]} : i64[] return %1',
    ],
    ["a remainder", "%d = const [7] : i64[1] %0 = tfl.floor_mod(%x, %d) : i64[2,3] return %0"],
    [
      "bounds on both sides",
      "%a = const [0] : i64[1] %b = const [9] : i64[1] %0 = tfl.maximum(%x, %a) : i64[2,3] %1 = tfl.minimum(%0, %b) : i64[2,3] return %1",
    ],
    [
      "one of two that fit",
      "%c = const [true, false, true] : bool[3] %0 = tfl.select_v2(%c, %x, %x) : i64[2,3] return %0",
    ],
    ["a constant", "%c = const [5, -2147483648] : i64[2] return %c"],
  ])("%s", async (_, body) => expect(await outputs(body)).toEqual(["i32"]));
});

describe("others stay, with a warning", () => {
  test.each([
    ["a sum of what fits", "%c = const [1] : i64[1] %0 = tfl.add(%x, %c) : i64[2,3] return %0"],
    ["a product", "%0 = tfl.mul(%x, %x) : i64[2,3] return %0"],
    ["a negation", "%0 = tfl.neg(%x) : i64[2,3] return %0"],
    ["a sum over an axis", "%0 = tfl.sum(%x) {axes = [1]} : i64[2] return %0"],
    ["a float made whole", '%0 = tfl.cast(%f) {out_data_type = "i64"} : i64[2,3] return %0'],
    ["a remainder by something negative, or zero", "%0 = tfl.floor_mod(%x, %x) : i64[2,3] return %0"],
    ["something bounded on one side", "%a = const [4294967296] : i64[1] %0 = tfl.maximum(%x, %a) : i64[2,3] return %0"],
  ])("%s", async (_, body) => expect(await outputs(body)).toEqual(["i64", "warning TFL0021"]));
  test("a constant that does not fit is an error", async () => {
    expect(await outputs("%c = const [5, 2147483648] : i64[2] return %c")).toEqual(["i64", "error TFL0022"]);
  });
});

test("32-bit arithmetic that wraps around tells nothing more than its type", async () => {
  // n + n wraps, so it may be anything that int32 holds: which fits
  expect(
    await outputs('%0 = tfl.add(%n, %n) : i32[4] %1 = tfl.cast(%0) {out_data_type = "i64"} : i64[4] return %1'),
  ).toEqual(["i32"]);
  const { module } = await narrow(`graph @main(%n: i32[]) {
    %0 = tfl.add(%n, %n) : i32[]
    %1 = tfl.cast(%0) {out_data_type = "i64"} : i64[]
    return %1
  }`);
  const [got] = await runGraph(module.graphs[0]!, [scalarData("i32", 2 ** 30)]);
  expect(got).toEqual(scalarData("i32", -(2 ** 31)));
});
