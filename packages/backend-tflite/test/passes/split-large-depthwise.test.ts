import { Compiler, dataConstant, Module, Rewriter, runGraph, runPasses, tensor, tensorData } from "@tflower/core";
import { compareTensors, randomInputs } from "@tflower/testing";
import { expect, test } from "vitest";
import { depthwiseConv2d } from "../../src/dialect/index.ts";
import { tflitePlugin } from "../../src/index.ts";
import { splitLargeDepthwise, tilesOf } from "../../src/passes/split-large-depthwise.ts";

interface Case {
  readonly image: readonly [number, number];
  readonly kernel: readonly [number, number];
  readonly padding: "SAME" | "VALID";
  readonly parts: number;
}

test.each<Case>([
  { image: [10, 12], kernel: [7, 7], padding: "SAME", parts: 6 },
  { image: [17, 13], kernel: [7, 7], padding: "VALID", parts: 6 },
  { image: [5, 9], kernel: [7, 7], padding: "SAME", parts: 3 },
  { image: [8, 11], kernel: [9, 3], padding: "SAME", parts: 3 },
  { image: [12, 40], kernel: [9, 9], padding: "VALID", parts: 5 },
  { image: [10, 12], kernel: [5, 5], padding: "SAME", parts: 1 },
])("$kernel over $image, $padding: $parts parts that sum to the same", async ({ image, kernel, padding, parts }) => {
  const module = new Module();
  const graph = module.graph("main");
  const r = new Rewriter(graph);
  const input = graph.input(tensor("f32", [2, ...image, 3]));
  const [h, w] = kernel;
  const taps = Array.from({ length: h * w * 3 }, (_, i) => Math.sin(i * 1.7) + i / 100);
  const filter = graph.constant(dataConstant(tensorData("f32", [1, h, w, 3], taps)));
  const bias = graph.constant(dataConstant(tensorData("f32", [3], [0.5, -1, 2])));
  const attrs = { padding, fused_activation_function: "RELU", depth_multiplier: 1 } as const;
  graph.outputs = [r.create(depthwiseConv2d, { input, filter, bias }, attrs).result];
  const x = randomInputs(graph, 5);
  const before = await runGraph(graph, x);
  await runPasses(module, [splitLargeDepthwise()], new Compiler().use(tflitePlugin()), { verifyEach: true });
  expect([...graph.nodes].filter((n) => n.is(depthwiseConv2d))).toHaveLength(parts);
  expect(compareTensors((await runGraph(graph, x))[0]!, before[0]!, { db: 110 })).toBeUndefined();
});

test.each([
  [7, 7, 196],
  [7, 7, 49],
  [9, 9, 400],
  [31, 1, 100],
])("the parts of a filter of %i x %i cover each tap once", (height, width, pixels) => {
  const taken = new Map<string, number>();
  for (const t of tilesOf(height, width, pixels))
    for (let i = t.row; i < t.row + t.rows; i++)
      for (let k = t.column; k < t.column + t.columns; k++) taken.set(`${i},${k}`, (taken.get(`${i},${k}`) ?? 0) + 1);
  expect(taken.size).toBe(height * width);
  expect([...taken.values()].every((n) => n === 1)).toBe(true);
});
