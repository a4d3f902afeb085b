import { runGraph, tensorData } from "@tflower/core";
import { expect, test } from "vitest";
import { materializeDims } from "../../src/passes/materialize-dims.ts";
import { separateOutputs } from "../../src/passes/separate-outputs.ts";
import { run } from "./run-pass.ts";

test("an output that is an input, a constant or there already gets a tensor of its own", async () => {
  const { module } = await run(
    `graph @main(%x: f32[2]) {
      %c = const [1.0] : f32[1]
      %0 = tfl.neg(%x) : f32[2]
      return %0 as "a", %x as "b", %c as "c", %0 as "d", %x as "e"
    }`,
    [separateOutputs()],
  );
  const [graph] = module.graphs;
  const { outputs, inputs } = graph!;
  expect(new Set(outputs).size).toBe(5);
  expect(outputs.some((v) => v.constant || inputs.includes(v))).toBe(false);
  expect(outputs.map((v) => v.producer!.op.name)).toEqual([
    "tfl.neg",
    "tfl.reshape",
    "tfl.slice",
    "tfl.reshape",
    "tfl.reshape",
  ]);
  const got = await runGraph(graph!, [tensorData("f32", [2], [3, 4])]);
  expect(got.map((t) => Array.from(t.data as Float32Array))).toEqual([[-3, -4], [3, 4], [1], [-3, -4], [3, 4]]);
});

test("also where extents are known only when it runs", async () => {
  const { module, said } = await run(`symbol n in 1..9 symbol m in 1..9 graph @main(%x: f32[n,m]) { return %x }`, [
    separateOutputs(),
    materializeDims(),
  ]);
  expect(said).toEqual([]);
  const [got] = await runGraph(module.graphs[0]!, [tensorData("f32", [2, 3], [1, 2, 3, 4, 5, 6])]);
  expect(got!.type.shape).toEqual([2, 3]);
});
