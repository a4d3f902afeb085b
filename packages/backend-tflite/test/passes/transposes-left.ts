import { Compiler, Module, Rewriter, runGraph, runPasses, tensor, tensorData, type Value } from "@tflower/core";
import { expect } from "vitest";
import { transpose } from "../../src/dialect/index.ts";
import { tflitePlugin } from "../../src/index.ts";
import { optimizeLayout } from "../../src/passes/optimize-layout.ts";

const compiler = new Compiler().use(tflitePlugin());

export const toNchw = [0, 3, 1, 2];
export const toNhwc = [0, 2, 3, 1];
export const turn = (r: Rewriter, input: Value, perm: readonly number[]): Value =>
  r.emit(transpose, { input }, {}, { perm });

/** How many transposes the layout pass leaves of what `build` makes of inputs; the numbers must stay what they are. */
export async function transposesLeft(
  shapes: readonly (readonly number[])[],
  build: (r: Rewriter, ...inputs: Value[]) => readonly Value[],
): Promise<number> {
  const module = new Module();
  const graph = module.graph("main");
  const inputs = shapes.map((shape) => graph.input(tensor("f32", shape)));
  graph.outputs = build(new Rewriter(graph), ...inputs);
  const data = shapes.map((shape) =>
    tensorData(
      "f32",
      shape,
      Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i - 20),
    ),
  );
  const before = await runGraph(graph, data);
  await runPasses(module, [optimizeLayout()], compiler);
  expect(await runGraph(graph, data)).toEqual(before);
  return [...graph.nodes].filter((n) => n.is(transpose)).length;
}
