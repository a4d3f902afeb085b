import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { cli } from "./capture.ts";

const digits = fileURLToPath(new URL("../../../examples/digits-cnn/digits_cnn.pt2", import.meta.url));
const failing = fileURLToPath(new URL("fixtures/plugins/failing-pass.ts", import.meta.url));
const program = `graph @main(%x: f32[2]) {
  %0 = aten.relu(%x) : f32[2]
  %1 = aten.relu(%x) : f32[2]
  %2 = aten.add.Tensor(%0, %1) : f32[2]
  return %2
}
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tflower-opt-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
function file(name: string, text?: string): string {
  const path = join(folder, name);
  if (text !== undefined) writeFileSync(path, text);
  return path;
}

test("runs the passes that are named, and prints what comes out", async () => {
  const r = await cli("opt", file("a.ir", program), "--passes", "merge-common-subexpressions");
  expect(r).toMatchObject({ code: 0, err: "" });
  expect(r.out).toBe(
    "graph @main(%x: f32[2]) {\n  %0 = aten.relu(%x) : f32[2]\n  %1 = aten.add.Tensor(%0, %0) : f32[2]\n  return %1\n}\n",
  );
});
test("what it writes is what it reads, for every stage of a whole program", async () => {
  const stages = ["import", "lower", "optimize", "finish"];
  let from = digits;
  for (const stage of stages) {
    const to = file(`${stage}.ir`);
    expect(await cli("opt", from, "--passes", stage, "-o", to)).toMatchObject({ code: 0, out: "" });
    from = to;
  }
  const text = readFileSync(from, "utf8");
  expect(text).toMatch(/tfl\.conv_2d/);
  expect(text).not.toMatch(/aten\./);
  const all = await cli("opt", digits, "--passes", "all", "--short");
  expect(all.out).not.toMatch(/base64/);
  const shape = (t: string): string[] => [...t.matchAll(/ = (tfl\.\w+)/g)].map((m) => m[1]!);
  expect(shape(text)).toEqual(shape(all.out));
});
test("a pass that requires another is refused before it, and its note says so where nobody knows", async () => {
  const out = ["-o", file("o.ir"), "--short"];
  const early = await cli("opt", digits, "--passes", "import,separate-outputs,lower", ...out);
  expect(early.code).toBe(1);
  expect(early.err).toMatch(/error\[PAS0003\]: pass "separate-outputs" requires "lower-ops", which comes after it/);
  expect(early.err).toContain('insertAfter(passes, "lower-ops", ...)');
  const without = await cli("opt", digits, "--passes", "import,separate-outputs", ...out);
  expect(without.err).toMatch(
    /which the pipeline does not have[\s\S]*insertBefore\(passes, "separate-outputs", \.\.\.\)/,
  );
  expect(await cli("opt", digits, "--passes", "import,lower,separate-outputs", ...out)).toMatchObject({
    code: 0,
    err: "",
  });
  const unknown = await cli("opt", file("a.ir", program), "--passes", "separate-outputs", ...out);
  expect(unknown).toMatchObject({ code: 0 });
  expect(unknown.err).toMatch(
    /note\[PAS0003\]: lower-ops is required, and not among --passes: the module is taken to have been/,
  );
  const known = await cli(
    "opt",
    file("b.ir", `// after: import, lower-ops\n${program}`),
    "--passes",
    "separate-outputs",
    ...out,
  );
  expect(known).toMatchObject({ code: 0, err: "" });
  const not = await cli(
    "opt",
    file("c.ir", `// after: inline-graphs\n${program}`),
    "--passes",
    "separate-outputs",
    ...out,
  );
  expect(not).toMatchObject({ code: 1 });
});
test("reads a .tflite too", async () => {
  const tflite = file("digits.tflite");
  expect((await cli("convert", digits, "-o", tflite)).code).toBe(0);
  const r = await cli("opt", tflite, "--passes", "eliminate-dead-code", "--short");
  expect(r.out).toMatch(/^signature "serving_default" = @main\ngraph @main\(.*tfl\.conv_2d/s);
});

describe("watching passes", () => {
  test("prints after those named, after all, or after changes", async () => {
    const at = file("a.ir", program);
    const passes = ["--passes", "eliminate-dead-code,merge-common-subexpressions,eliminate-dead-code"];
    const after = async (what: string): Promise<string[]> =>
      [...(await cli("opt", at, ...passes, "--print-after", what)).err.matchAll(/---- after (\S+)/g)].map((m) => m[1]!);
    expect(await after("all")).toEqual(["eliminate-dead-code", "merge-common-subexpressions", "eliminate-dead-code"]);
    expect(await after("change")).toEqual(["merge-common-subexpressions"]);
    expect(await after("eliminate-dead-code")).toEqual(["eliminate-dead-code", "eliminate-dead-code"]);
  });
  test("a name that is no pass is bad usage", async () => {
    const r = await cli("opt", file("a.ir", program), "--passes", "import", "--print-after", "nothing");
    expect(r.code).toBe(2);
    expect(r.err).toMatch(/there is no pass "nothing"; expected all, change, or .*eliminate-dead-code/);
  });
  test("times and statistics go to stderr", async () => {
    const r = await cli(
      "opt",
      file("a.ir", program),
      "--passes",
      "tidy(merge-common-subexpressions)",
      "--timing",
      "--statistics",
    );
    expect(r.err).toMatch(/ms 100\.0 % {2}tidy\n.* {4}merge-common-subexpressions\n[\s\S]* total\n/);
    expect(r.err).toMatch(/merge-common-subexpressions: 3 -> 2 nodes\n\s+-1 aten\.relu\n/);
  });
  test("every pass and option is listed", async () => {
    const r = await cli("opt", "--list-passes");
    expect(r.out).toMatch(/^fold-constants\n {4}Turns .*\n {4}maxGrowth: an integer; 4194304 by default: .+\n/m);
  });
});

describe("a pass that fails", () => {
  test("leaves a reproducer that fails again, with the plugin and without the passes before it", async () => {
    const crash = file("crash.ir");
    const run = ["--plugin", failing, "--strict"];
    const passes = "merge-common-subexpressions,fail-on{op=aten.relu}";
    const first = await cli("opt", file("a.ir", program), ...run, "--passes", passes, "--reproducer", crash);
    expect(first.code).toBe(1);
    expect(first.err).toMatch(/error\[PAS0001\]: pass "fail-on" failed: there is an aten\.relu/);
    expect(first.err).toMatch(/crash\.ir: the module before "fail-on\{op="aten\.relu"\}"/);
    const text = readFileSync(crash, "utf8");
    expect(text).toMatch(/^\/\/ passes: fail-on\{op="aten\.relu"\}\n\/\/ settings: \{"target":"cpu","strict":true\}\n/);
    expect(text.match(/aten\.relu\(/g)).toHaveLength(1);
    const again = await cli("opt", crash, "--plugin", failing);
    expect(again.code).toBe(1);
    expect(again.err).toMatch(/there is an aten\.relu/);
  });
  test("of a program whose weights lie in its file, too", async () => {
    const crash = file("crash.ir");
    const r = await cli(
      "convert",
      digits,
      "-o",
      file("never.tflite"),
      "--plugin",
      failing,
      "--config",
      failing.replace("failing-pass", "failing-config"),
      "--reproducer",
      crash,
    );
    expect(r.code).toBe(1);
    expect(existsSync(join(folder, "never.tflite"))).toBe(false);
    expect(readFileSync(crash, "utf8")).toMatch(/const elsewhere"|base64"/);
    const again = await cli("opt", crash, "--plugin", failing);
    expect(again.err).toMatch(/there is an? tfl\.conv_2d/);
  });
  test("wrong work is found after the pass that did it, unless nobody looks", async () => {
    const at = file("a.ir", program);
    const passes = ["--plugin", failing, "--passes", "break-types,eliminate-dead-code"];
    const r = await cli("opt", at, ...passes);
    expect(r.code).toBe(1);
    expect(r.err).toMatch(/error\[IR0004\][\s\S]*found after pass "break-types"/);
    expect((await cli("opt", at, ...passes, "--no-verify-each")).code).toBe(0);
  });
});

describe("bad usage", () => {
  test.each([
    ["no file", ["opt"], 2, /expected a file/],
    ["no passes", ["opt", "a.ir"], 2, /expected --passes/],
    [
      "an unknown pass",
      ["opt", "a.ir", "--passes", "magic"],
      1,
      /error\[TXT0001\]: unknown pass "magic"; known: import, lower/,
    ],
    ["text that does not parse", ["opt", "bad.ir", "--passes", "import"], 1, /error\[TXT0001\][\s\S]*bad\.ir:1/],
    ["a file that is not there", ["opt", "no.ir", "--passes", "import"], 1, /error\[CLI0002\]/],
  ] as const)("%s", async (_, argv, code, why) => {
    file("a.ir", program);
    file("bad.ir", "graph main\n");
    const r = await cli(...argv.map((a) => (a.endsWith(".ir") ? join(folder, a) : a)));
    expect(r.code).toBe(code);
    expect(r.err).toMatch(why);
    expect(r.err).not.toMatch(/\n\s+at /);
  });
});
