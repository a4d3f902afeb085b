import { Compiler, collectDecisions, parseModule, renderDecisions, runPasses } from "@tflower/core";
import { expect, test } from "vitest";
import { multiplyFewer } from "../../src/passes/multiply-fewer.ts";
import { tflitePlugin } from "../../src/plugin.ts";

const ones = (count: number): string => `[${Array.from({ length: count }, () => "1.0").join(", ")}]`;
const convolution = (pixels: number, channels: number): string => `
graph @main(%x: f32[1,${pixels},${pixels},${channels}]) {
  %w = const ${ones(channels * 9 * channels)} : f32[${channels},3,3,${channels}]
  %0 = tfl.conv_2d(%x, %w, none) {padding = "SAME"} : f32[1,${pixels},${pixels},${channels}]
  return %0
}
`;
const decide = async (text: string) => {
  const compiler = new Compiler().use(tflitePlugin());
  const decisions = collectDecisions(compiler);
  await runPasses(parseModule(text, compiler.knownOps), [multiplyFewer()], compiler);
  return decisions;
};

test("a decision by cost names the forms it chose between, and the cheapest one that is worth it", async () => {
  const [large, ...others] = await decide(convolution(112, 16));
  expect(others).toEqual([]);
  expect(large).toMatchObject({ pass: "multiply-fewer", op: "tfl.conv_2d" });
  expect(large!.forms.map((f) => f.name)).toEqual(["plain", "F(2x2)", "F(2x1)", "F(1x2)"]);
  const cheapest = large!.forms.toSorted((a, b) => a.cost - b.cost)[0]!.name;
  expect(large!.chosen).toBe(large!.reason === undefined ? cheapest : "plain");
  expect(renderDecisions([large!])).toContain(`*${large!.chosen} `);
});

test("where the file would grow for too little, the decision says so", async () => {
  const [deep] = await decide(convolution(6, 24));
  const plain = deep!.forms[0]!.cost;
  expect(deep!.chosen).toBe("plain");
  expect(deep!.reason !== undefined).toBe(deep!.forms.some((f) => f.cost < plain));
});

test("nobody listens, nothing is computed", async () => {
  const compiler = new Compiler().use(tflitePlugin());
  expect(compiler.hooks.decision.isUsed()).toBe(false);
});
