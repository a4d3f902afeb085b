import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemorySink, readTflite, tfl, toTfliteFile, writeTflite } from "@tflower/backend-tflite";
import { Module, Rewriter, tensor } from "@tflower/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cli } from "./capture.ts";

const folder = mkdtempSync(join(tmpdir(), "compile-qnn-"));
const model = join(folder, "model.tflite");
beforeAll(async () => {
  const module = new Module();
  const g = module.graph("main");
  const x = g.input(tensor("f32", [2, 3]), "x");
  g.outputs = [new Rewriter(g).emit(tfl.relu, { input: x }, {})];
  module.signatures = [{ key: "serving_default", graph: "main" }];
  const sink = new MemorySink();
  await writeTflite(toTfliteFile(module), sink);
  writeFileSync(model, sink.bytes());
});
afterAll(() => rmSync(folder, { recursive: true }));

test("compiling without QNN's libraries says where to get them", async () => {
  const r = await cli(
    "partition",
    model,
    "--target",
    "qnn:SM8650",
    "-o",
    join(folder, "out.tflite"),
    "--qnn-libs",
    folder,
  );
  expect(r.code).toBe(1);
  expect(r.err).toContain("error[QNN0001]: there is no libQnnHtp.so");
  expect(r.err).toContain("pip install onnxruntime-qnn");
});

test("a file that is only partitioned needs none", async () => {
  const out = join(folder, "partitioned.tflite");
  const r = await cli("partition", model, "--target", "qnn:SM8650", "--partition-only", "-o", out);
  expect(r.code).toBe(0);
  const file = readTflite(new Uint8Array(readFileSync(out)));
  expect(file.subgraphs.map((s) => s.operators.map((o) => o.customCode ?? o.builtin))).toEqual([
    ["DISPATCH_OP"],
    ["RELU"],
  ]);
});

test("every unknown system is named, with the nearest that is known", async () => {
  const r = await cli("partition", model, "--target", "qnn:SM8651", "-o", join(folder, "out.tflite"));
  expect(r.code).toBe(1);
  expect(r.err).toContain('no system on chip is called "SM8651"; is it "SM8650"?');
});

test("convert takes an NPU as its target, and refuses one that is unknown as bad usage", async () => {
  const r = await cli("convert", "nothing.pt2", "--target", "qnn:SM8652", "-o", join(folder, "x.tflite"));
  expect(r.code).toBe(2);
  expect(r.err).toContain('is it "SM8650"?');
});

const libraries = process.env["QNN_LIB_DIR"];
test.skipIf(!libraries)(
  `a file per system${libraries ? "" : ", skipped: QNN_LIB_DIR names no libraries"}`,
  async () => {
    const out = join(folder, "npu.tflite");
    const r = await cli("partition", model, "--target", "qnn:SM8650,SM8750", "-o", out);
    expect(r.err).toContain("npu.SM8650.tflite");
    expect(r.code).toBe(0);
    for (const soc of ["SM8650", "SM8750"]) {
      const file = readTflite(new Uint8Array(readFileSync(join(folder, `npu.${soc}.tflite`))));
      expect(file.subgraphs[0]!.operators.map((o) => o.customCode)).toEqual(["DISPATCH_OP"]);
    }
  },
);
