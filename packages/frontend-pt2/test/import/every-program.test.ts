import { expect, test } from "vitest";
import { readPt2 } from "../../src/read-pt2.ts";
import { fixture } from "../support/fixture.ts";
import { computed, expected, imported, programs, toData } from "../support/imported.ts";

/** What the importer refuses, and why. */
const refusals: Readonly<Record<string, string>> = {
  "size-bool": "IMP0100",
  "size-float": "IMP0100",
  "size-input": "IMP0103",
  "strides-of-a-view": "IMP0111",
};

test.each(programs.filter((p) => !refusals[p]))("%s is imported into well-formed IR", async (name) => {
  expect((await imported(name)).graph.name).toBe("main");
});

test.each(["branch", "flat", "legacy", "named", "nested", "pickled", "raw", "shapes", "small", "types", "weights"])(
  "so is %s.pt2",
  async (name) => {
    expect((await imported(await readPt2(fixture(`${name}.pt2`)))).graph.name).toBe("main");
  },
);

test.each(Object.keys(expected))("%s computes what PyTorch computes", async (name) => {
  const got = await computed(name);
  expect(got.map((t) => t.type)).toEqual(expected[name]!.out.map((t) => toData(t).type));
  got.forEach((t, i) => {
    const want = toData(expected[name]!.out[i]!);
    const tolerance = { f16: 2e-3, bf16: 2e-2 }[t.type.dtype as string] ?? 1e-6;
    Array.from(t.data, Number).forEach((v, k) => {
      const w = Number(want.data[k]);
      expect([i, k, v, Math.abs(v - w) <= tolerance * Math.max(1, Math.abs(w))]).toEqual([i, k, v, true]);
    });
  });
});
