import { Compiler, type Pass, runGraph, runPasses } from "@tflower/core";
import { compareTensors, programs, type RandomProgram } from "@tflower/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { tflitePlugin } from "../../src/index.ts";
import { optimizeLayout } from "../../src/passes/optimize-layout.ts";
import { tflSteps } from "./tfl-steps.ts";

const compiler = new Compiler().use(tflitePlugin());

/** What the passes change about the program's outputs; `undefined` when that is nothing. */
async function changed(p: RandomProgram, passes: readonly Pass[]): Promise<string | undefined> {
  const before = await runGraph(p.read().find("main")!, p.inputs);
  const module = await runPasses(p.read(), passes, compiler, { verifyEach: true });
  const after = await runGraph(module.find("main")!, p.inputs);
  const bad = before.map((e, i) => compareTensors(after[i]!, e, { ulp: 16, rtol: 1e-5, atol: 1e-5 })).find((d) => d);
  return bad?.message;
}
const keeps =
  (passes: () => readonly Pass[]) =>
  async (p: RandomProgram): Promise<void> => {
    expect(await changed(p, passes())).toBeUndefined();
  };
const runs = { numRuns: 400, seed: 1 };

test("optimize-layout keeps what random graphs compute", () =>
  fc.assert(
    fc.asyncProperty(
      programs(tflSteps, { inputs: { minRank: 1 } }),
      keeps(() => [optimizeLayout()]),
    ),
    runs,
  ));
test("so do all passes behind lowering", () =>
  fc.assert(
    fc.asyncProperty(
      programs(tflSteps, { inputs: { minRank: 4, maxRank: 4 } }),
      keeps(() => [...compiler.pipeline.optimize, ...compiler.pipeline.finish]),
    ),
    runs,
  ));
