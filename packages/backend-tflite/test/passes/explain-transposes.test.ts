import { expect, test } from "vitest";
import { explainTransposes } from "../../src/passes/explain-transposes.ts";
import { run } from "./run-pass.ts";

const text = `
graph @main(%x: f32[1,2,3,4]) {
  %w = const [1.0, 2.0] : f32[1,1,1,2]
  %0 = tfl.transpose(%x) {perm = [0, 2, 3, 1]} : f32[1,3,4,2]
  %1 = tfl.conv_2d(%0, %w, none) : f32[1,3,4,1]
  %2 = tfl.reshape(%1, none) {shape = [4, 3]} : f32[4,3]
  %3 = tfl.transpose(%2) {perm = [1, 0]} : f32[3,4]
  return %3
}
`;

test("says what keeps each transpose", async () => {
  const { said } = await run(text, [explainTransposes({ enabled: true })]);
  expect(said.map((d) => [d.code, d.message, ...(d.notes ?? [])])).toEqual([
    [
      "TFL0023",
      "a transpose [1,2,3,4] -> [1,3,4,2] (perm 0,2,3,1) is left",
      'in front of it: the input "x" of the program has its axes in this order (--nhwc-inputs changes images)',
      "behind it: tfl.conv_2d is bound to an order of axes",
    ],
    [
      "TFL0023",
      "a transpose [4,3] -> [3,4] (perm 1,0) is left",
      "in front of it: tfl.reshape [1,3,4,1] -> [4,3] joins or parts axes that would not lie side by side",
      "behind it: an output of the program has its axes in this order (--nhwc-outputs changes images)",
    ],
  ]);
});
test("says nothing unless it is asked", async () => {
  expect((await run(text, [explainTransposes()])).said).toEqual([]);
});
