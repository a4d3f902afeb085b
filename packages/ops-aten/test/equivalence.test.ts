import { readFileSync } from "node:fs";
import { equivalent } from "@tflower/testing";
import { describe, expect, test } from "vitest";
import { atenLowerings } from "../src/index.ts";

/** Lowerings of which nothing is proven here, and why. */
const without = JSON.parse(readFileSync(new URL("./without-property.json", import.meta.url), "utf8")) as Record<
  string,
  string
>;
const lowerings = atenLowerings();

// few runs, to notice what breaks: `node scripts/prove.mjs` does many, and runs on LiteRT
describe("every lowering computes what its op does", () => {
  test.each(lowerings.filter((l) => !l.refuses && without[l.name] === undefined).map((l) => [l.name, l] as const))(
    "%s",
    (_, lowering) => equivalent(lowering, { runs: 8, shrinkFor: 2000 })(),
  );
});

test("what has no property is a lowering, and the list is short", () => {
  const names = new Set(lowerings.map((l) => l.name));
  expect(Object.keys(without).filter((name) => !names.has(name))).toEqual([]);
  expect(Object.keys(without).length).toBeLessThanOrEqual(8);
});

test("a refusal says why", () => {
  for (const l of lowerings) if (l.refuses !== undefined) expect(l.refuses.length, l.name).toBeGreaterThan(20);
});
