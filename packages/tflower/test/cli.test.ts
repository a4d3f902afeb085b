import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readSafetensors } from "../src/safetensors/safetensors.ts";
import { cli } from "./capture.ts";

const example = (path: string): string => fileURLToPath(new URL(`../../../examples/${path}`, import.meta.url));
const digits = example("digits-cnn/digits_cnn.pt2");
const swish = example("custom-op/swish_net.pt2");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tflower-cli-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);

describe("convert", () => {
  test("writes a file, and the same bytes again", async () => {
    expect(await cli("convert", digits, "-o", at("a.tflite"))).toMatchObject({ code: 0, out: "" });
    expect((await cli("convert", digits, "-o", at("b.tflite"))).code).toBe(0);
    const a = readFileSync(at("a.tflite"));
    expect(a.subarray(4, 8).toString()).toBe("TFL3");
    expect(a.equals(readFileSync(at("b.tflite")))).toBe(true);
    expect(readdirSync(folder).sort()).toEqual(["a.tflite", "b.tflite"]);
  });
  test("prints one JSON line per input, and goes on when asked to", async () => {
    const r = await cli("convert", swish, digits, "--out-dir", at("out"), "--keep-going", "--json");
    expect(r.code).toBe(1);
    const lines = r.out
      .trim()
      .split("\n")
      .map((l) => JSON.parse(l));
    expect(lines.map((l) => l.status)).toEqual(["error", "ok"]);
    expect(lines[0].diagnostics[0]).toMatchObject({ code: "LOW0001", op: "mylib.swish" });
    expect(lines[0].diagnostics[0].location).toMatch(/make_program\.py:\d+$/);
    expect(lines[1].output).toBe(join(at("out"), "digits_cnn.tflite"));
    expect(readdirSync(at("out"))).toEqual(["digits_cnn.tflite"]);
  });
  test("stops at the first failure otherwise", async () => {
    const r = await cli("convert", swish, digits, "--out-dir", at("out"));
    expect(r.code).toBe(1);
    expect(readdirSync(at("out"))).toEqual([]);
  });
  test("several inputs with one output become signatures that share weights", async () => {
    copyFileSync(digits, at("first.pt2"));
    copyFileSync(digits, at("second.pt2"));
    expect((await cli("convert", at("first.pt2"), at("second.pt2"), "-o", at("both.tflite"))).code).toBe(0);
    const shown = JSON.parse((await cli("inspect", at("both.tflite"), "--json")).out);
    expect(shown.signatures.map((s: { key: string }) => s.key)).toEqual(["first", "second"]);
  });
});

describe("bad usage exits with 2", () => {
  test.each([
    ["no input", ["convert"]],
    ["an unknown flag", ["convert", digits, "--fast"]],
    ["an unknown command", ["transmogrify"]],
    ["-o and --out-dir", ["convert", digits, "-o", "a", "--out-dir", "b"]],
    ["a target nobody knows", ["convert", digits, "--target", "toaster"]],
    ["two inputs of one name", ["convert", digits, digits, "--out-dir", "x"]],
  ])("%s", async (_, argv) => {
    const r = await cli(...argv);
    expect(r.code).toBe(2);
    expect(r.err).toMatch(/error/);
    expect(r.err).not.toMatch(/\n\s+at /);
  });
});

/** One paragraph that names the file, no stack trace, nothing left behind. */
async function refused(path: string, ...says: readonly (string | RegExp)[]): Promise<void> {
  const before = readdirSync(folder).sort();
  const r = await cli("convert", path, "-o", at("never.tflite"));
  expect(r.code).toBe(1);
  for (const s of says) expect(r.err).toMatch(s);
  expect(r.err).not.toMatch(/\n\s+at .*\.(ts|js):/);
  expect(r.err).toMatch(/= help: /);
  expect(readdirSync(folder).sort()).toEqual(before);
}

describe("bad input is refused in a paragraph", () => {
  test("a file that is not there", () => refused(at("missing.pt2"), /missing\.pt2: there is no such file/));
  test("a folder", async () => {
    mkdirSync(at("folder.pt2"));
    await refused(at("folder.pt2"), /folder\.pt2.*folder/);
  });
  test("an empty file", async () => {
    writeFileSync(at("empty.pt2"), "");
    await refused(at("empty.pt2"), /empty\.pt2/);
  });
  test("text", async () => {
    writeFileSync(at("text.pt2"), "hello, world\n".repeat(100));
    await refused(at("text.pt2"), /text\.pt2/);
  });
  test("a truncated archive", async () => {
    copyFileSync(digits, at("cut.pt2"));
    truncateSync(at("cut.pt2"), 60_000);
    await refused(at("cut.pt2"), /cut\.pt2/);
  });
  test("a weight whose bytes have changed", async () => {
    const bytes = readFileSync(digits);
    const entry = bytes.indexOf("data/weights/weight_0");
    expect(entry).toBeGreaterThan(0);
    bytes[entry + 200]! ^= 0xff;
    writeFileSync(at("flipped.pt2"), bytes);
    const r = await cli("convert", at("flipped.pt2"), "-o", at("never.tflite"));
    // the byte may lie in padding, but a file is never written from bytes that fail their checksum
    if (r.code === 0) expect(existsSync(at("never.tflite"))).toBe(true);
    else expect(r.err).toMatch(/checksum|CRC/i);
  });
});

describe("bad output is refused in a paragraph", () => {
  test("a folder that is not there", async () => {
    const r = await cli("convert", digits, "-o", join(folder, "no", "such", "folder.tflite"));
    expect(r.code).toBe(1);
    // the folder that is missing, not the name of a temporary file
    expect(r.err).toMatch(/no[/\\]such: there is no such file or folder/);
  });
  test("a folder that cannot be written", async (context) => {
    if (process.getuid?.() === 0) return context.skip("root may write everywhere");
    mkdirSync(at("locked"));
    chmodSync(at("locked"), 0o500);
    const r = await cli("convert", digits, "-o", join(at("locked"), "a.tflite"));
    expect(r.code).toBe(1);
    expect(r.err).toMatch(/does not allow access/);
  });
  test("an output that is a folder keeps it, and leaves no temporary file", async () => {
    mkdirSync(at("taken.tflite"));
    const r = await cli("convert", digits, "-o", at("taken.tflite"));
    expect(r.code).toBe(1);
    expect(readdirSync(folder)).toEqual(["taken.tflite"]);
  });
  test("a full disk", async (context) => {
    const mounted = mountTiny(at("tiny"));
    if (!mounted) return context.skip("mounting a small file system needs root");
    try {
      const r = await cli("convert", digits, "-o", join(at("tiny"), "a.tflite"));
      expect(r.code).toBe(1);
      expect(r.err).toMatch(/the disk is full/);
      expect(readdirSync(at("tiny"))).toEqual([]);
    } finally {
      execFileSync("umount", [at("tiny")]);
    }
  });
});

function mountTiny(path: string): boolean {
  mkdirSync(path);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=16k", "tmpfs", path], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

test("run computes on LiteRT what PyTorch has computed", async () => {
  await cli("convert", digits, "-o", at("digits.tflite"));
  const tests = readSafetensors("tests", readFileSync(example("digits-cnn/digits_cnn.safetensors")));
  const image = tests.get("images")!.bytes.slice(0, 256);
  const { writeSafetensors } = await import("../src/safetensors/safetensors.ts");
  writeFileSync(
    at("in.safetensors"),
    writeSafetensors(new Map([["in.0", { dtype: "f32", shape: [1, 1, 8, 8], bytes: image }]])),
  );
  const r = await cli("run", at("digits.tflite"), "--inputs", at("in.safetensors"), "--outputs", at("out.safetensors"));
  expect(r).toMatchObject({ code: 0, err: "out.0  output  f32[1,10]\n" });
  const out = new Float32Array(
    readSafetensors("out", readFileSync(at("out.safetensors"))).get("out.0")!.bytes.buffer as ArrayBuffer,
  );
  const want = new Float32Array(tests.get("logits")!.bytes.buffer as ArrayBuffer, 0, 10);
  for (const [i, v] of out.entries()) expect(v).toBeCloseTo(want[i]!, 3);
});

test("inspect shows a program's inputs, sizes and ops", async () => {
  const r = await cli("inspect", digits);
  expect(r.code).toBe(0);
  expect(r.out).toMatch(/in +\S+: f32\[1,1,8,8\]/);
  expect(r.out).toMatch(/aten\.conv2d\.default/);
});

test("check says that all is well, or what is not", async () => {
  expect((await cli("check", digits)).out).toMatch(/every op has a lowering/);
  const r = await cli("check", swish);
  expect(r.code).toBe(1);
  expect(r.err).toMatch(/no lowering for "mylib\.swish"/);
});
