import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { opsTable } from "../src/index.ts";

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");

test("docs/ops.md is what `node scripts/ops-doc.mjs` writes", () => {
  const without = JSON.parse(read("packages/ops-aten/test/without-property.json")) as Record<string, string>;
  expect(read("docs/ops.md")).toBe(opsTable(without));
});
