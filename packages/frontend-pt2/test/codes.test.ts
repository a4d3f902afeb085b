import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { importCodes } from "../src/import/import-codes.ts";
import { readCodes } from "../src/import-error.ts";

const tests = readdirSync(fileURLToPath(new URL(".", import.meta.url)), { recursive: true })
  .map(String)
  .filter((name) => name.endsWith(".test.ts"))
  .map((name) => readFileSync(new URL(name, import.meta.url), "utf8"))
  .join("\n");

it.each(Object.keys({ ...readCodes, ...importCodes }))("%s is provoked by a test", (code) => {
  // what is no error is found among what was said
  expect(new RegExp(`expectCode\\(\\s*"${code}"|"(?:warning ${code}|note", "${code})`).test(tests)).toBe(true);
});
