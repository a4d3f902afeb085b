import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { tfliteCodes, readCodes as tfliteReadCodes } from "@tflower/backend-tflite";
import { codes as coreCodes } from "@tflower/core";
import { qnnCodes } from "@tflower/delegate-qnn";
import { importCodes, readCodes } from "@tflower/frontend-pt2";
import { atenCodes } from "@tflower/ops-aten";
import { quantizeCodes } from "@tflower/quantize";
import { codes as runtimeCodes } from "@tflower/runtime-litert";
import { describe, expect, test } from "vitest";
import { cliCodes } from "../src/cli/codes.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const docs = join(root, "docs/diagnostics");
const tables = [
  coreCodes,
  readCodes,
  importCodes,
  atenCodes,
  tfliteCodes,
  tfliteReadCodes,
  quantizeCodes,
  qnnCodes,
  cliCodes,
  runtimeCodes,
];
const all = new Map<string, string>(tables.flatMap((t) => Object.entries(t)));

test("no two tables have one code", () => {
  expect(all.size).toBe(tables.reduce((n, t) => n + Object.keys(t).length, 0));
});

test("every page has a code", () => {
  const pages = readdirSync(docs).filter((f) => f !== "README.md");
  expect(pages.map((f) => f.replace(/\.md$/, "")).sort()).toEqual([...all.keys()].sort());
});

describe("every code has a page that says the cause, shows a message, and says what to do", () => {
  test.each([...all])("%s", (code, cause) => {
    const text = readFileSync(join(docs, `${code}.md`), "utf8");
    expect(text.split("\n")[0]).toBe(`# ${code}: ${cause}`);
    expect(text).toMatch(new RegExp(`\`\`\`\n(error|warning|note)\\[${code}\\]: \\S`));
    expect(text).toMatch(/## What to do\n\n\S/);
  });
});

test("the list of pages is complete", () => {
  const listed = [
    ...readFileSync(join(docs, "README.md"), "utf8").matchAll(/\| \[(\w+)\]\((\w+)\.md\) +\| (.*?) +\|/g),
  ];
  expect(new Map(listed.map((m) => [m[1], m[3]]))).toEqual(new Map([...all]));
  for (const m of listed) expect(m[2]).toBe(m[1]);
});

test("no source uses a code that is in no table", () => {
  const sources = readdirSync(join(root, "packages")).flatMap((name) => {
    const folder = join(root, "packages", name, "src");
    return (readdirSync(folder, { recursive: true }) as string[])
      .filter((f) => f.endsWith(".ts"))
      .map((f) => join(folder, f));
  });
  const unknown = sources.flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/"([A-Z]{2,3}\d{4})"/g)]
      .map((m) => m[1]!)
      .filter((code) => !all.has(code))
      .map((code) => `${file}: ${code}`),
  );
  expect(unknown).toEqual([]);
});
