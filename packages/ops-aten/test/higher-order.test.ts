import { tflitePlugin } from "@tflower/backend-tflite";
import {
  Compiler,
  type Module,
  parseModule,
  printModule,
  runGraph,
  runPasses,
  type TensorData,
  tensorData,
  verifyModule,
} from "@tflower/core";
import { describe, expect, test } from "vitest";
import { atenPlugin } from "../src/index.ts";

const compiler = new Compiler().use(tflitePlugin(), atenPlugin());
const read = (text: string): Module => parseModule(text, compiler.knownOps);

/** Results before and after everything that happens to a program; the text it ends up as. */
async function compiled(text: string, inputs: readonly TensorData[]) {
  const before = await runGraph(read(text).find("main")!, inputs);
  const module = read(text);
  const { pipeline } = compiler;
  await runPasses(module, [...pipeline.import, ...pipeline.lower, ...pipeline.optimize, ...pipeline.finish], compiler);
  expect(verifyModule(module)).toEqual([]);
  const after = await runGraph(module.find("main")!, inputs);
  return { before: before.map((t) => [...t.data]), after: after.map((t) => [...t.data]), text: printModule(module) };
}

const branches = `signature "serving_default" = @main
graph @main(%p: bool[], %x: f32[2], %unread: f32[3]) {
  %w = const [10.0, 20.0] : f32[2]
  %y = aten.neg(%x) : f32[2]
  %0 = higher_order.cond(%p, (%x, %w, %unread, %y)) {true_graph = @yes, false_graph = @no} : f32[2]
  return %0 as "output"
}
graph @yes(%x: f32[2], %w: f32[2], %unread: f32[3], %y: f32[2]) {
  %0 = aten.mul.Tensor(%x, %w) : f32[2]
  return %0
}
graph @no(%x: f32[2], %w: f32[2], %unread: f32[3], %y: f32[2]) {
  %0 = aten.sub.Tensor(%y, %w) : f32[2]
  return %0
}`;

describe("cond", () => {
  test.each([
    [1, [10, 40]],
    [0, [-11, -22]],
  ])("of %i", async (p, want) => {
    const x = [tensorData("bool", [], [p]), tensorData("f32", [2], [1, 2]), tensorData("f32", [3], [7, 8, 9])];
    const { before, after, text } = await compiled(branches, x);
    expect(before).toEqual([want]);
    expect(after).toEqual([want]);
    // the weight is a constant in each branch, and what no branch reads is not handed over
    expect(text).toMatch(/tfl\.if\(%p, \(%x, %\w+\)\)/);
    expect(text).toMatch(/graph @yes\(%x: f32\[2\], %y: f32\[2\]\)/);
  });

  test("graphs that two ops share keep their inputs", async () => {
    const twice = branches.replace(
      '  return %0 as "output"',
      "  %1 = higher_order.cond(%p, (%y, %x, %unread, %w)) {true_graph = @yes, false_graph = @no} : f32[2]\n  return %0, %1",
    );
    const { before, after } = await compiled(twice, [
      tensorData("bool", [], [1]),
      tensorData("f32", [2], [1, 2]),
      tensorData("f32", [3], [7, 8, 9]),
    ]);
    expect(before).toEqual([
      [10, 40],
      [-1, -4],
    ]);
    expect(after).toEqual(before);
  });

  test("a branch that only gives what it gets", async () => {
    const identity = branches.replace("  %0 = aten.mul.Tensor(%x, %w) : f32[2]\n  return %0", "  return %x");
    const { before, after } = await compiled(identity, [
      tensorData("bool", [], [1]),
      tensorData("f32", [2], [1, 2]),
      tensorData("f32", [3], [7, 8, 9]),
    ]);
    expect(before).toEqual([[1, 2]]);
    expect(after).toEqual(before);
  });
});

const loop = `signature "serving_default" = @main
graph @main(%n: i64[], %x: f32[2]) {
  %zero = const [0] : i64[]
  %w = const [0.5, 0.25] : f32[2]
  %0, %1 = higher_order.while_loop((%zero, %x), (%n, %w, %x)) {cond_graph = @more, body_graph = @step} : i64[], f32[2]
  return %1 as "output"
}
graph @more(%i: i64[], %y: f32[2], %n: i64[], %w: f32[2], %x: f32[2]) {
  %0 = aten.lt.Tensor(%i, %n) : bool[]
  return %0
}
graph @step(%i: i64[], %y: f32[2], %n: i64[], %w: f32[2], %x: f32[2]) {
  %0 = aten.add.Scalar(%i, {other = 1}) : i64[]
  %1 = aten.mul.Tensor(%y, %w) : f32[2]
  %2 = aten.add.Tensor(%1, %x) : f32[2]
  return %0, %2
}`.replace("aten.add.Scalar(%i, {other = 1})", "aten.add.Scalar(%i) {other = 1}");

describe("while_loop", () => {
  test.each([
    [0, [4, 8]],
    [1, [6, 10]],
    [3, [7.5, 10.625]],
  ])("%i times", async (n, want) => {
    const { before, after, text } = await compiled(loop, [tensorData("i64", [], [n]), tensorData("f32", [2], [4, 8])]);
    expect(before).toEqual([want]);
    expect(after).toEqual([want]);
    // the weight is in the body; the bound and the other capture go round
    expect(text).toMatch(/tfl\.while\(\(%\w+, %x, %n, %x\)\)/);
  });
});
