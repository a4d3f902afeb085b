import { parseModule, runPasses } from "@tflower/core";
import { fileTests } from "@tflower/testing/vitest";
import { expect, test } from "vitest";
import { createCompiler } from "../src/create-compiler.ts";

// what another converter does without a word, and this one must not
fileTests(new URL("./silent-errors/", import.meta.url), { compiler: createCompiler() });

test("compiling leaves the elements that it was given as they are", async () => {
  const compiler = createCompiler();
  const module = parseModule(
    `graph @main(%x: f32[2,2]) {
      %mask = const [0.0, -inf, 0.0, 0.0] : f32[2,2]
      %0 = aten.add.Tensor(%x, %mask) : f32[2,2]
      %1 = aten.softmax.int(%0) {dim = -1} : f32[2,2]
      %2 = aten.mul.Scalar(%mask) {other = 2} : f32[2,2]
      return %1, %2
    }`,
    compiler.knownOps,
  );
  const { constant } = [...module.graphs[0]!.nodes][0]!.inputs[1]!;
  const elements = (constant as { readonly data: Float32Array }).data;
  const before = Float32Array.from(elements);
  const { pipeline } = compiler;
  await runPasses(module, [...pipeline.import, ...pipeline.lower, ...pipeline.optimize, ...pipeline.finish], compiler);
  expect(elements).toEqual(before);
});
