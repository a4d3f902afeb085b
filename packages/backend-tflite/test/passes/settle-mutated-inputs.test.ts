import type { Pass } from "@tflower/core";
import { expect, test } from "vitest";
import { settleMutatedInputs } from "../../src/passes/settle-mutated-inputs.ts";
import { run } from "./run-pass.ts";

const text = `
graph @main(%x: f32[2], %y: f32[2]) {
  %0 = tfl.neg(%x) : f32[2]
  return %y
}`;
/** Says that the program leaves the negation in x, and y as it is. */
const mutate: Pass = {
  name: "mutate",
  summary: "",
  text: "mutate",
  run(module) {
    const graph = module.graphs[0]!;
    const [x, y] = graph.inputs;
    graph.inputMutations.push({ input: x!, next: graph.first!.results[0]! }, { input: y!, next: y! });
  },
};
const passes = [mutate, settleMutatedInputs()];

test("is dropped with a warning", async () => {
  const { module, said } = await run(text, passes);
  expect(module.graphs[0]!.outputs).toHaveLength(1);
  expect(said.map((d) => [d.severity, d.code, /"x".*mut\.x/s.test(`${d.message} ${d.help}`)])).toEqual([
    ["warning", "TFL0020", true],
  ]);
});
test("is an error when nothing may be lost", async () => {
  expect((await run(text, passes, { strict: true })).said.map((d) => d.severity)).toEqual(["error"]);
});
test("is an output when asked for, after the program's own", async () => {
  const { module, said } = await run(text, passes, { mutatedInputs: "outputs", strict: true });
  expect(said).toEqual([]);
  expect(module.graphs[0]!.outputNames).toEqual(["output_0", "mut.x"]);
  expect(module.graphs[0]!.outputs[1]).toBe(module.graphs[0]!.first!.results[0]);
});
