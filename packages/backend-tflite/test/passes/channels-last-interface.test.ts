import { runGraph, type TensorData, tensorData } from "@tflower/core";
import { expect, test } from "vitest";
import { channelsLastInterface } from "../../src/passes/channels-last-interface.ts";
import { optimizeLayout } from "../../src/passes/optimize-layout.ts";
import { run } from "./run-pass.ts";

const text = `
graph @main(%x: f32[1,2,2,3], %s: f32[1,2,1,1], %cache: f32[1,2,2,3]) {
  %w = const [1.0, 2.0, 3.0, 4.0] : f32[2,1,1,2]
  %0 = tfl.mul(%x, %s) : f32[1,2,2,3]
  %1 = tfl.transpose(%0) {perm = [0, 2, 3, 1]} : f32[1,2,3,2]
  %2 = tfl.conv_2d(%1, %w, none) : f32[1,2,3,2]
  %3 = tfl.transpose(%2) {perm = [0, 3, 1, 2]} : f32[1,2,2,3]
  %4 = tfl.relu(%3) : f32[1,2,2,3]
  %5 = tfl.neg(%cache) : f32[1,2,2,3]
  return %4, %5
}
signature "main" = @main
`;
const passes = [channelsLastInterface(), optimizeLayout()];
const numbers = (shape: readonly number[], seed: number): TensorData =>
  tensorData(
    "f32",
    shape,
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => ((i * 5 + seed) % 7) - 3),
  );
/** `[1, C, H, W]` as `[1, H, W, C]`. */
function turned({ type, data }: TensorData): TensorData {
  const [, c, h, w] = type.shape as readonly [number, number, number, number];
  const out = Array.from({ length: c * h * w }, (_, i) => Number(data[(i % c) * h * w + Math.floor(i / c)]));
  return tensorData("f32", [1, h, w, c], out);
}
const x = numbers([1, 2, 2, 3], 1);
const s = numbers([1, 2, 1, 1], 2);
const cache = numbers([1, 2, 2, 3], 3);

test("nothing changes unless it is asked for", async () => {
  const { module } = await run(text, passes);
  expect(module.find("main")!.inputs.map((v) => v.type.shape)).toEqual([x, s, cache].map((t) => t.type.shape));
});
test("images come with their channels last, and no transpose is left for them", async () => {
  const plain = (await run(text, [])).module.find("main")!;
  const [y, z] = await runGraph(plain, [x, s, cache]);
  const graph = (await run(text, passes, { nhwcInputs: true, nhwcOutputs: true })).module.find("main")!;
  expect(graph.inputs.map((v) => v.type.shape)).toEqual([
    [1, 2, 3, 2],
    [1, 1, 1, 2],
    [1, 2, 2, 3],
  ]);
  expect(graph.outputs.map((v) => v.type.shape)).toEqual([
    [1, 2, 3, 2],
    [1, 2, 2, 3],
  ]);
  expect([...graph.nodes].map((n) => n.op.name)).not.toContain("tfl.transpose");
  expect(await runGraph(graph, [turned(x), turned(s), cache])).toEqual([turned(y!), z]);
});
test("outputs stay unless they are asked for", async () => {
  const graph = (await run(text, passes, { nhwcInputs: true })).module.find("main")!;
  expect(graph.outputs.map((v) => v.type.shape)).toEqual([
    [1, 2, 2, 3],
    [1, 2, 2, 3],
  ]);
});
