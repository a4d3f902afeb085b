import { tfl } from "@tflower/backend-tflite";
import { defineLowering, type Plugin } from "@tflower/core";
import { aten } from "@tflower/ops-aten";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { atenSteps, checkProgram, programs } from "../src/index.ts";

// minutes of this: `node scripts/fuzz.mjs`
describe("random programs", () => {
  const some = programs(atenSteps, {
    maxNodes: 8,
    inputs: { dtypes: ["f32", "i64", "i32"], minRank: 1, maxRank: 4, maxElements: 120 },
  });

  test("compute on LiteRT what the evaluator computes", async () => {
    let equal = 0;
    await fc.assert(
      fc.asyncProperty(some, async (p) => {
        const verdict = await checkProgram(p);
        expect(verdict.kind === "wrong" ? verdict.message : undefined).toBeUndefined();
        if (verdict.kind === "equal") equal++;
      }),
      { seed: 3, numRuns: 40 },
    );
    expect(equal).toBeGreaterThan(30);
  });

  test("find a lowering that is wrong, and shrink to it", async () => {
    const wrong = defineLowering(aten.neg, ({ self }, _, emit) => emit(tfl.abs, { input: self }), { benefit: 1 });
    const planted: Plugin = { name: "planted", apply: (compiler) => void compiler.lower(wrong) };
    let until = Infinity;
    const { counterexample } = await fc.check(
      fc.asyncProperty(programs(atenSteps, { maxNodes: 4, inputs: { maxRank: 3, maxElements: 60 } }), async (p) => {
        if (Date.now() > until || (await checkProgram(p, [planted])).kind !== "wrong") return true;
        until = Math.min(until, Date.now() + 4000);
        return false;
      }),
      { seed: 2, numRuns: 200 },
    );
    const ops = counterexample![0]!.text.match(/aten\.[\w.]+/g)!;
    expect(ops).toContain("aten.neg");
    expect(ops.length).toBeLessThanOrEqual(3);
  });

  test("are made of many ops, and are deep", () => {
    const texts = fc.sample(some, { seed: 5, numRuns: 200 }).map((p) => p.text);
    const ops = new Set(texts.flatMap((t) => t.match(/aten\.\w+/g) ?? []));
    expect(ops.size).toBeGreaterThan(30);
    expect(texts.filter((t) => (t.match(/= aten\./g) ?? []).length >= 5).length).toBeGreaterThan(60);
  });
});
