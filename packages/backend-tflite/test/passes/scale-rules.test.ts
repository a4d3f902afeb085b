import { Compiler, dataConstant, Module, Rewriter, runGraph, runPasses, tensor, tensorData } from "@tflower/core";
import { expect, test } from "vitest";
import { conv2d, mul } from "../../src/dialect/index.ts";
import { tflitePlugin } from "../../src/index.ts";
import { optimizeLayout } from "../../src/passes/optimize-layout.ts";

const compiler = new Compiler().use(tflitePlugin());

/** The ops that are left of `relu(conv(x)) * factor`; the numbers must stay what they are. */
async function ops(factor: readonly number[], activation: "RELU" | "RELU6" = "RELU"): Promise<string[]> {
  const module = new Module();
  const graph = module.graph("main");
  const r = new Rewriter(graph);
  const input = graph.input(tensor("f32", [1, 2, 2, 2]));
  const filter = graph.constant(dataConstant(tensorData("f32", [2, 1, 1, 2], [1, -2, 0.5, 3])));
  const bias = graph.constant(dataConstant(tensorData("f32", [2], [0.25, -4])));
  const attrs = { padding: "VALID", stride_w: 1, stride_h: 1, fused_activation_function: activation } as const;
  const y = r.create(conv2d, { input, filter, bias }, attrs).result;
  graph.outputs = [r.emit(mul, { lhs: y, rhs: r.constant(tensorData("f32", [factor.length], factor)) }, {})];
  const x = [tensorData("f32", [1, 2, 2, 2], [1, 2, -3, 4, 5, -6, 0, 1])];
  const before = await runGraph(graph, x);
  await runPasses(module, [optimizeLayout()], compiler);
  expect(await runGraph(graph, x)).toEqual(before);
  return [...graph.nodes].map((n) => n.op.name);
}

test.each([[[2]], [[0.5, 4]]])("a positive factor %j goes into the weights", async (factor) => {
  expect(await ops(factor)).toEqual(["tfl.conv_2d"]);
});
test.each([[[-2]], [[0]], [[2, -1]], [[Infinity]], [[Number.NaN, 1]]])(
  "the factor %j stays behind the activation",
  async (factor) => {
    expect(await ops(factor)).toEqual(["tfl.conv_2d", "tfl.mul"]);
  },
);
test("an activation with an upper bound keeps its place", async () => {
  expect(await ops([2], "RELU6")).toEqual(["tfl.conv_2d", "tfl.mul"]);
});
