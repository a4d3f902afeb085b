import { Compiler, knownPasses, parseModule, parsePasses, printModule, runPasses } from "@tflower/core";
import { expect, test } from "vitest";
import { tflitePlugin } from "../../src/plugin.ts";

const text = `graph @main(%x: f32[1,4]) {
  %w = const [1.0, 2.0, 3.0, 4.0] : f32[1,4]
  %0 = tfl.fully_connected(%x, %w, none) : f32[1,1]
  %1 = tfl.relu(%0) : f32[1,1]
  return %1
}
`;
const run = async (passes: string): Promise<string> => {
  const compiler = new Compiler().use(tflitePlugin());
  const module = parseModule(text, compiler.knownOps);
  await runPasses(module, parsePasses(passes, knownPasses(compiler)), compiler);
  return printModule(module);
};

test("a rule can be left out of a pass by its name", async () => {
  expect(await run("optimize-layout")).not.toContain("tfl.relu");
  expect(await run('optimize-layout{without=["fuse-relu"]}')).toContain("tfl.relu");
});

test("a rule that there is not is an error that names those there are", async () => {
  await expect(run('optimize-layout{without=["no-such-rule"]}')).rejects.toThrow(/no rule "no-such-rule".*fuse-relu/s);
});
