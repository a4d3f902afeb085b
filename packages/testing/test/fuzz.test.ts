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

  test("are made of many ops, and are deep", () => {
    const texts = fc.sample(some, { seed: 5, numRuns: 200 }).map((p) => p.text);
    const ops = new Set(texts.flatMap((t) => t.match(/aten\.\w+/g) ?? []));
    expect(ops.size).toBeGreaterThan(30);
    expect(texts.filter((t) => (t.match(/= aten\./g) ?? []).length >= 5).length).toBeGreaterThan(60);
  });
});
