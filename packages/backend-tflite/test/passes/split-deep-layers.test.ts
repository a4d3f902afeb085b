import {
  Compiler,
  dataConstant,
  Module,
  Rewriter,
  runGraph,
  runPasses,
  tensor,
  tensorData,
  type Value,
} from "@tflower/core";
import { compareTensors, randomInputs } from "@tflower/testing";
import { expect, test } from "vitest";
import * as tfl from "../../src/dialect/index.ts";
import { tflitePlugin } from "../../src/index.ts";
import { splitDeepLayers } from "../../src/passes/split-deep-layers.ts";

const compiler = new Compiler().use(tflitePlugin());
const wave = (shape: readonly number[]) =>
  tensorData(
    "f32",
    shape,
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i * 1.3)),
  );

interface Layer {
  readonly shape: readonly number[];
  readonly filter: readonly number[];
  readonly padded?: boolean;
}
/** Ops that are left of a layer; the numbers must stay what they are. */
async function ops({ shape, filter, padded }: Layer, mostDepth: number): Promise<readonly string[]> {
  const module = new Module();
  const graph = module.graph("main");
  const r = new Rewriter(graph);
  const x = graph.input(tensor("f32", shape));
  const w = graph.constant(dataConstant(wave(filter)));
  const bias = graph.constant(dataConstant(wave([filter[0]!])));
  const relu = { fused_activation_function: "RELU" } as const;
  const input: Value = padded ? r.emit(tfl.pad, { input: x }, {}, { paddings: [0, 0, 1, 1, 1, 1, 0, 0] }) : x;
  graph.outputs = [
    filter.length === 2
      ? r.emit(tfl.fullyConnected, { input, filter: w, bias }, {}, { keep_num_dims: true, ...relu })
      : r.emit(tfl.conv2d, { input, filter: w, bias }, {}, { padding: padded ? "VALID" : "SAME", ...relu }),
  ];
  const inputs = randomInputs(graph, 3);
  const before = await runGraph(graph, inputs);
  await runPasses(module, [splitDeepLayers({ mostDepth })], compiler, { verifyEach: true });
  expect(compareTensors((await runGraph(graph, inputs))[0]!, before[0]!, { db: 110 })).toBeUndefined();
  return [...graph.nodes].map((n) => n.op.name.slice(4));
}
const layer = ["slice", "fully_connected"];
const convolution = ["slice", "conv_2d"];

test("a layer becomes the sum of two", async () => {
  expect(await ops({ shape: [2, 16, 256], filter: [640, 256] }, 128)).toEqual([...layer, ...layer, "add"]);
});
test("parts have channels in whole vectors: three parts of 384", async () => {
  expect(await ops({ shape: [32, 384], filter: [512, 384] }, 160)).toEqual([
    ...layer,
    ...layer,
    "add",
    ...layer,
    "add",
  ]);
});
test("a convolution's window stays whole", async () => {
  expect(await ops({ shape: [1, 8, 8, 32], filter: [96, 3, 3, 32] }, 200)).toEqual([
    ...convolution,
    ...convolution,
    "add",
  ]);
});
test("a pad stays next to its convolution", async () => {
  expect(await ops({ shape: [1, 8, 8, 32], filter: [96, 3, 3, 32], padded: true }, 200)).toEqual([
    "slice",
    "pad",
    "conv_2d",
    "slice",
    "pad",
    "conv_2d",
    "add",
  ]);
});
test.each<[string, Layer, number]>([
  ["that is shallow enough", { shape: [2, 16, 256], filter: [640, 256] }, 256],
  ["of few rows", { shape: [1, 7, 256], filter: [640, 256] }, 128],
  ["whose channels do not divide", { shape: [2, 16, 264], filter: [640, 264] }, 128],
  ["that is too small to pay for the copies", { shape: [2, 4, 64], filter: [16, 64] }, 32],
  ["of groups", { shape: [1, 8, 8, 64], filter: [96, 3, 3, 32] }, 200],
])("not one %s", async (_, l, mostDepth) => {
  expect(await ops(l, mostDepth)).toHaveLength(1);
});
