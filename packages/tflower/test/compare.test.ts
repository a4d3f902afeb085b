import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readTflite } from "@tflower/backend-tflite";
import { tensorData } from "@tflower/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bestError, errorBetween } from "../src/compare/tensor-error.ts";
import { readSafetensors, writeSafetensors } from "../src/safetensors/safetensors.ts";
import { cli } from "./capture.ts";

const example = (path: string): string => fileURLToPath(new URL(`../../../examples/${path}`, import.meta.url));
const fixture = (path: string): string => fileURLToPath(new URL(`fixtures/${path}`, import.meta.url));
const digits = example("digits-cnn/digits_cnn.pt2");
/** What PyTorch computes at some nodes; make_activations.py writes it. */
const activations = fixture("digits_activations.safetensors");

let folder: string;
const at = (name: string): string => join(folder, name);
/** The file of the example, with one weight of the third weighted layer changed. */
let planted: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tflower-compare-"));
  await cli("convert", digits, "-o", at("right.tflite"));
  const bytes = new Uint8Array(readFileSync(at("right.tflite")));
  const { operators, tensors } = readTflite(bytes).subgraphs[0]!;
  const layer = operators.find((o) => tensors[o.outputs[0]!]!.name!.startsWith("residual.0/"))!;
  const weight = tensors[layer.inputs[1]!]!.buffer as Uint8Array;
  new Float32Array(weight.buffer, weight.byteOffset, weight.byteLength / 4)[100]! += 3;
  planted = at("planted.tflite");
  writeFileSync(planted, bytes);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Layer {
  readonly id: string;
  readonly module?: string;
  readonly location?: string;
  readonly snr: number;
  readonly lost: number;
}
async function compare(...argv: readonly string[]): Promise<{
  readonly outputs: readonly { readonly name: string; readonly snr: number }[];
  readonly layers: readonly Layer[];
  readonly notes: readonly string[];
}> {
  const r = await cli("compare", digits, ...argv, "--json");
  expect(r).toMatchObject({ code: 0, err: "" });
  return JSON.parse(r.out);
}

describe("a program that is lowered right", () => {
  test.each([
    ["what it becomes now, on LiteRT", []],
    ["what it becomes now, by reference semantics", ["--runtime", "reference"]],
    ["with PyTorch's values", ["--reference", activations]],
  ])("%s", async (_, flags) => {
    const c = await compare(...flags);
    expect(c.outputs).toMatchObject([{ name: "output" }]);
    expect(c.outputs[0]!.snr).toBeGreaterThan(100);
    expect(c.layers.length).toBeGreaterThanOrEqual(4);
    for (const l of c.layers) {
      if (typeof l.snr === "number") expect(l.snr).toBeGreaterThan(100);
      expect(l.lost).toBeLessThan(40);
    }
    expect(c.notes).toEqual([]);
  });
  test("a file of it", async () => {
    const c = await compare(at("right.tflite"));
    expect(c.layers.map((l) => l.module)).toContain("residual.0");
    expect(c.notes).toEqual([]);
  });
});

describe("a wrong weight in the file", () => {
  test("is found by its module and Python line, and the layers behind it are not blamed", async () => {
    const c = await compare(planted);
    expect(c.outputs[0]!.snr).toBeLessThan(40);
    expect(c.layers[0]).toMatchObject({ module: "residual.0", id: "batch_norm_3" });
    expect(c.layers[0]!.location).toMatch(/digits-cnn\/train\.py:50$/);
    expect(c.layers[0]!.lost).toBeGreaterThan(60);
    for (const l of c.layers.slice(1)) expect(l.lost).toBeLessThan(40);
  });
  test("with PyTorch's values at some nodes only, the first one behind it", async () => {
    const c = await compare(planted, "--reference", activations);
    expect(c.layers[0]).toMatchObject({ id: "relu_3", module: "head.0" });
    expect(c.layers[0]!.lost).toBeGreaterThan(60);
  });
  test("is shown to people, who get the exit code they ask for", async () => {
    const r = await cli("compare", digits, planted, "--top", "3", "--min-snr", "60");
    expect(r.code).toBe(1);
    expect(r.out).toMatch(
      /1 layer loses more than rounding does:\n {2}residual\.0 \(batch_norm_3\): .* dB less than before\n {4}--> .*train\.py:50\n {8}x = .*\n {4}one op with residual\.1\n/,
    );
    expect(r.out).toMatch(/11 layers compared, 3 shown; 11 values/);
  });
});

test("a wrong lowering is found", async () => {
  const r = await cli("compare", digits, "--plugin", fixture("plugins/wrong-pooling.ts"));
  expect(r.out).toMatch(/1 layer loses .*:\n.*\(avg_pool2d\).*\n {4}--> .*train\.py:51/);
});
test("a reference by names of modules stands for their last nodes, and unknown names are told", async () => {
  const tensors = readSafetensors("activations", readFileSync(activations));
  const named = new Map([
    ["classifier", tensors.get("linear")!],
    ["nonsense", tensors.get("linear")!],
    ["in.0", tensors.get("in.0")!],
  ]);
  writeFileSync(at("modules.safetensors"), writeSafetensors(named));
  const c = await compare("--reference", at("modules.safetensors"));
  expect(c.layers.map((l) => l.id)).toEqual(["linear"]);
  expect(c.notes).toEqual(["nothing in the program is called nonsense"]);
  expect(c.outputs).toEqual([]);
});
test("a file of another program is refused", async () => {
  await cli("convert", example("recall-transformer/recall_transformer.pt2"), "-o", at("other.tflite"));
  const r = await cli("compare", digits, at("other.tflite"));
  expect(r.code).toBe(2);
  expect(r.err).toMatch(/error: input 0 \("tokens"\) is i64\[.*\], and f32\[1,1,8,8\] is given/);
});
test.each([
  ["--top", "many"],
  ["--min-snr", ""],
  ["--runtime", "tpu"],
])("%s %s is bad usage", async (flag, value) => {
  expect(await cli("compare", digits, flag, value)).toMatchObject({ code: 2 });
});

describe("the error of a tensor", () => {
  const t = (shape: readonly number[], f: (i: number) => number = (i) => i + 1) =>
    tensorData(
      "f32",
      shape,
      Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => f(i)),
    );
  test("is 20 dB where one part in ten is off", () => {
    expect(
      errorBetween(
        t([4], () => 1),
        t([4], () => 1.1),
      ).snr,
    ).toBeCloseTo(20, 4);
  });
  test("is none where both are equal, not-a-numbers included", () => {
    expect(
      errorBetween(
        t([2], (i) => (i ? Number.NaN : 0)),
        t([2], (i) => (i ? Number.NaN : 0)),
      ),
    ).toEqual({ snr: Infinity, maxAbs: 0 });
  });
  test("is infinite where only one is not a number", () => {
    expect(
      errorBetween(
        t([2]),
        t([2], () => Number.NaN),
      ).snr,
    ).toBe(-Infinity);
  });
  test("is that of the permutation that fits best", () => {
    const nchw = t([1, 2, 3, 4]);
    const nhwc = t([1, 3, 4, 2], (i) => 1 + (i % 2) * 12 + Math.floor(i / 2));
    expect(bestError(nchw, nhwc)).toEqual({ snr: Infinity, maxAbs: 0, perm: [2, 3, 1] });
    expect(bestError(nchw, t([1, 5, 5]))).toBeUndefined();
  });
  test("counts the numbers that quantized elements stand for", () => {
    const quantized = tensorData("i8", [2], [10, 20]);
    const type = { ...quantized.type, quant: { scales: [0.5], zeroPoints: [10] } };
    expect(
      errorBetween(
        t([2], (i) => i * 5),
        { type, data: quantized.data },
      ).snr,
    ).toBe(Infinity);
  });
});
