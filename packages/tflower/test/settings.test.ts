import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cli } from "./capture.ts";

let folder: string;
let archive: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tflower-settings-"));
  archive = join(folder, "in-place.pt2");
  writeFileSync(archive, gunzipSync(readFileSync(new URL("fixtures/in-place.pt2.gz", import.meta.url))));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ports {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}
/** Converts one of the programs of make_programs.py with flags; gives the exit code, the codes said, and the file's signature. */
async function convert(
  name: string,
  ...flags: readonly string[]
): Promise<{ code: number; said: string[]; ports?: Ports }> {
  const to = join(folder, `${name}.tflite`);
  const r = await cli("convert", archive, "--model", name, "-o", to, "--json", ...flags);
  const said = r.out
    ? (JSON.parse(r.out).diagnostics as { code: string; severity: string }[]).map((d) => `${d.severity} ${d.code}`)
    : [];
  if (r.code !== 0) return { code: r.code, said };
  const shown = JSON.parse((await cli("inspect", to, "--json")).out);
  return { code: r.code, said, ports: { inputs: shown.signatures[0].inputs, outputs: shown.signatures[0].outputs } };
}

describe("--state", () => {
  test("resource, as without it: the interface is the program's own", async () => {
    for (const flags of [[], ["--state", "resource"]])
      expect(await convert("counter", ...flags)).toEqual({
        code: 0,
        said: [],
        ports: { inputs: ["args_0: f32[3,4]"], outputs: ["output: f32[3,4]"] },
      });
  });
  test("io: state comes in and goes out after the program's own", async () => {
    expect((await convert("counter", "--state", "io")).ports).toEqual({
      inputs: ["args_0: f32[3,4]", "state.steps: i64[]"],
      outputs: ["output: f32[3,4]", "state.steps: i64[]"],
    });
  });
});

describe("--mutated-inputs", () => {
  test("drop, as without it", async () => {
    for (const flags of [[], ["--mutated-inputs", "drop"]])
      expect(await convert("input", ...flags)).toMatchObject({
        code: 0,
        said: ["warning TFL0020"],
        ports: { outputs: ["output: f32[3,4]"] },
      });
  });
  test("outputs", async () => {
    expect(await convert("input", "--mutated-inputs", "outputs")).toMatchObject({
      code: 0,
      said: [],
      ports: { outputs: ["output: f32[3,4]", "mut.args_0: f32[3,4]"] },
    });
  });
});

describe("--int64", () => {
  test("keep, as without it", async () => {
    for (const flags of [[], ["--int64", "keep"]])
      expect((await convert("integer-target", ...flags)).ports!.inputs).toEqual([
        "args_0: i64[3,4]",
        "args_1: i32[3,4]",
        "args_2: f32[3,4]",
      ]);
  });
  test("narrow-io", async () => {
    const { ports, said } = await convert("integer-target", "--int64", "narrow-io");
    expect(ports!.inputs).toEqual(["args_0: i32[3,4]", "args_1: i32[3,4]", "args_2: f32[3,4]"]);
    // 3 * i + j may not fit; i // 3 does, but what it is lowered to does not show it
    expect(ports!.outputs).toEqual([
      "output_0: i64[3,4]",
      "output_1: i32[3,4]",
      "output_2: f32[3,4]",
      "output_3: i64[3,4]",
    ]);
    expect(said).toEqual(["warning TFL0021", "warning TFL0021"]);
  });
});

test("--strict refuses what would be left out with a warning", async () => {
  expect(await convert("input", "--strict")).toEqual({ code: 1, said: ["error TFL0020"] });
  expect((await convert("input", "--strict", "--mutated-inputs", "outputs")).code).toBe(0);
});

test.each([
  ["--state", "file"],
  ["--mutated-inputs", "keep"],
  ["--int64", "int32"],
])("%s %s is bad usage", async (flag, value) => {
  const r = await cli("convert", "a.pt2", flag, value);
  expect(r.code).toBe(2);
  expect(r.err).toMatch(/Allowed choices are/);
});

test("an archive of several models wants to be told which one", async () => {
  const r = await cli("convert", archive, "-o", join(folder, "never.tflite"));
  expect(r.code).toBe(1);
  expect(r.err).toMatch(/IMP0008/);
});

test("check takes the same flags", async () => {
  const r = await cli("check", archive, "--model", "counter", "--state", "io", "--int64", "narrow-io", "--strict");
  expect(r.code).toBe(0);
});
