import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { MemorySink, toTfliteFile, writeTflite } from "@tflower/backend-tflite";
import { attr, CompileError, Compiler, defineOp, inlineGraphs, operand, parseModule, runPasses } from "@tflower/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createCompiler } from "../src/index.ts";
import type { ExplorerCollection } from "../src/model-explorer/to-model-explorer.ts";
import { inputSpecs } from "../src/partition/aihub-script.ts";
import { outlinePartitions } from "../src/partition/outline-partitions.ts";
import { partitionTarget, requireVerdict, xnnpackTarget } from "../src/partition/partition-target.ts";
import { placementBy } from "../src/partition/placement.ts";
import type { PlacementOverlay } from "../src/partition/placement-overlay.ts";
import { cli } from "./capture.ts";

const digits = fileURLToPath(new URL("../../../examples/digits-cnn/digits_cnn.pt2", import.meta.url));
/** Two branches that XNNPACK leaves and enters again; the casts are all that is in the way. */
const source = `graph @main(%x: f32[1,8], %y: f32[1,8]) {
  %0 = tfl.abs(%x) : f32[1,8]
  %1 = tfl.cast(%0) {out_data_type = "i32"} : i32[1,8]
  %2 = tfl.exp(%y) : f32[1,8]
  %3 = tfl.cast(%1) {out_data_type = "f32"} : f32[1,8]
  %4 = tfl.neg(%2) : f32[1,8]
  %5 = tfl.add(%3, %4) : f32[1,8]
  %6 = tfl.sign(%5) : f32[1,8]
  return %5, %6
}`;
const moduleOf = () => {
  const module = parseModule(source, createCompiler().knownOps);
  module.signatures = [{ key: "serving_default", graph: "main" }];
  return module;
};

let folder: string;
const at = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tflower-partition-"));
  const sink = new MemorySink();
  await writeTflite(toTfliteFile(moduleOf()), sink);
  writeFileSync(at("casts.tflite"), sink.bytes());
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Json {
  readonly target: string;
  readonly execution_summary: Readonly<Record<string, number>>;
  readonly execution_detail: readonly Readonly<Record<string, string | number | null>>[];
  readonly partitions: readonly Readonly<Record<string, unknown>>[];
  readonly changes: readonly Readonly<Record<string, unknown>>[];
  readonly diagnostics: readonly { readonly code: string; readonly message: string }[];
}
async function json(...argv: readonly string[]): Promise<Json> {
  const r = await cli("partition", ...argv, "--json");
  return JSON.parse(r.out);
}

describe("tflower partition", () => {
  test("says what runs where, why not, and what one change would bring", async () => {
    const { code, out } = await cli("partition", at("casts.tflite"), "--target", "xnnpack", "--ops");
    expect(code).toBe(0);
    const lines = out.split("\n").map((l) => l.trim());
    for (const line of [
      `${at("casts.tflite")}: 4 of 7 ops on XNNPACK`,
      "2 partitions as the runtime divides it; 2 at the least, 3 as runs of the file's order",
      "partition 1: 3 ops, 0 MAC, 64 B in, 64 B out",
      "2 CAST: XNNPACK has no CAST",
      "1 SIGN: XNNPACK has no SIGN",
      "1 instead of 2: CAST on XNNPACK, 2 ops",
    ])
      expect(lines).toContain(line);
    expect(out).toMatch(/^ {5}2 {2}ADD /m);
    expect(out).toMatch(/^ {5}- {2}SIGN .*XNNPACK has no SIGN$/m);
  });
  test("gives scripts the shape of AI Hub's profiles, and no times", async () => {
    const r = await json(at("casts.tflite"), "--target", "gpu");
    expect(r.execution_summary).toMatchObject({ ops: 7, delegated_ops: 7, partitions: 1, fewest_partitions: 1 });
    expect(r.execution_detail.map((d) => [d["type"], d["compute_unit"], d["delegate"], d["partition"]])).toEqual(
      ["ABS", "CAST", "EXP", "CAST", "NEG", "ADD", "SIGN"].map((type) => [type, "GPU", "gpu", 1]),
    );
    expect(r.partitions).toMatchObject([{ number: 1, ops: 7, bytes_in: 64, bytes_out: 64 }]);
    expect(JSON.stringify(r)).not.toMatch(/time|cycles/);
    const x = await json(at("casts.tflite"), "--target", "xnnpack");
    expect(x.execution_detail[6]).toMatchObject({
      type: "SIGN",
      compute_unit: "CPU",
      delegate: null,
      reason: "XNNPACK has no SIGN",
      source: "static table",
    });
    expect(x.changes[0]).toMatchObject({ types: ["CAST"], ops: 2, partitions: 1, saved: 1 });
  });
  test("keeps what the user pins, and makes no partition that is too small", async () => {
    const pinned = await json(
      at("casts.tflite"),
      "--target",
      "xnnpack",
      "--keep-on-cpu",
      "exp",
      "--keep-on-cpu",
      "ADD",
    );
    expect(
      pinned.execution_detail.filter((d) => String(d["reason"]).includes("by request")).map((d) => d["type"]),
    ).toEqual(["EXP", "ADD"]);
    const few = await json(at("casts.tflite"), "--target", "xnnpack", "--min-ops", "2");
    expect(few.execution_summary).toMatchObject({ partitions: 1, delegated_ops: 3 });
    expect(few.execution_detail[5]!["reason"]).toBe(
      "its partition would have 1 op, and fewer than 2 are not worth one",
    );
    const one = await json(at("casts.tflite"), "--target", "xnnpack", "--max-partitions", "1");
    expect(one.execution_summary["partitions"]).toBe(1);
  });
  test("knows modules and Python lines of a program", async () => {
    const { code, out } = await cli("partition", digits, "--target", "xnnpack", "--keep-on-cpu", "residual.0");
    expect(code).toBe(0);
    expect(out).toContain('1 CONV_2D: it is kept on the host by request: module "residual.0"');
    expect(out).toMatch(/at residual\.0 .*train\.py:50/);
  });
  test("writes an overlay for Model Explorer, and a page", async () => {
    const r = await cli("partition", at("casts.tflite"), "--target", "xnnpack", "--emit", "report,model-explorer");
    expect(r.code).toBe(0);
    const read = <T>(name: string): T => JSON.parse(readFileSync(at(name), "utf8"));
    const [graph] = read<ExplorerCollection>("casts.model-explorer.json").graphs;
    const overlay = read<Record<string, PlacementOverlay>>("casts.partitions.json")[graph!.id]!;
    const ids = graph!.nodes.map((n) => n.id);
    expect(ids).toEqual(expect.arrayContaining(Object.keys(overlay.results)));
    expect(Object.values(overlay.results).map((x) => x.value)).toEqual([
      "partition 1",
      "CAST on CPU: XNNPACK has no CAST",
      "partition 1",
      "CAST on CPU: XNNPACK has no CAST",
      "partition 1",
      "partition 2",
      "SIGN on CPU: XNNPACK has no SIGN",
    ]);
    const page = readFileSync(at("casts.html"), "utf8");
    expect(page).toContain("<h2>Where it runs: XNNPACK</h2>");
    expect(page).toContain("<h2>One change that makes fewer partitions</h2>");
  });
});

describe("--aihub", () => {
  test("writes the calls for a file", async () => {
    const r = await cli("partition", at("casts.tflite"), "--target", "gpu", "--aihub");
    expect(r.code).toBe(0);
    const script = readFileSync(at("casts.aihub.py"), "utf8");
    expect(script).toContain('input_specs = {\n    "x": ((1, 8), "float32"),\n    "y": ((1, 8), "float32"),\n}');
    expect(script).toContain('model = hub.upload_model(str(here / "casts.tflite"))');
    expect(script).toContain('hub.submit_profile_job(model=model, device=device, options="--compute_unit gpu,cpu")');
    expect(script).toContain("hub.submit_inference_job(model=model, device=device, inputs=inputs");
    // AI Hub compiles programs, and no .tflite
    expect(script).not.toContain("submit_compile_job");
  });
  test("writes the file that a program becomes, too, and can have the program compiled", async () => {
    const r = await cli("partition", digits, "--target", "xnnpack", "--aihub", "-o", at("digits.tflite"));
    expect(r.code).toBe(0);
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(["digits.tflite", "digits.aihub.py"]));
    const script = readFileSync(at("digits.aihub.py"), "utf8");
    expect(script).toMatch(
      /hub\.submit_compile_job\(\n +model=str\(here \/ ".*digits_cnn\.pt2"\),\n +device=device,\n +input_specs=input_specs/,
    );
    expect(script).toContain('"image": ((1, 1, 8, 8), "float32")');
  });
  test("says which inputs specs have no words for", () => {
    const module = parseModule("graph @main(%m: bool[2], %s: f32[n,2]) {\nreturn %m, %s\n}", createCompiler().knownOps);
    expect(inputSpecs(module.graphs[0]!).unsayable).toEqual([
      { name: "m", why: "it is bool" },
      { name: "s", why: "its axis 0 has no fixed extent" },
    ]);
  });
});

describe("what cannot be done", () => {
  test.each<[string, readonly string[], string]>([
    ["an unknown target", ["casts.tflite", "--target", "cpu"], 'error[CLI0010]: there is no target "cpu"'],
    ["an unknown system on chip", ["casts.tflite", "--target", "qnn:SM9999"], "error[QNN0004]"],
    ["a file that is missing", ["none.tflite", "--target", "gpu"], "error[CLI0002]"],
    [
      "partitions of a runtime's own",
      ["casts.tflite", "--target", "gpu", "--partition-only", "-o", "out.tflite"],
      "error[CLI0012]",
    ],
  ])("%s", async (_, [file, ...flags], message) => {
    const r = await cli("partition", at(file!), ...flags);
    expect(r.code).toBe(1);
    expect(r.err).toContain(message);
  });
  test("a file of another kind", async () => {
    writeFileSync(at("model.onnx"), "this is none of both");
    const r = await cli("partition", at("model.onnx"), "--target", "gpu");
    expect([r.code, r.err]).toEqual([1, expect.stringContaining("model.onnx is neither a .tflite nor a .pt2")]);
    const { diagnostics } = await json(at("model.onnx"), "--target", "gpu");
    expect(diagnostics.map((d) => d.code)).toEqual(["CLI0013"]);
  });
  test.each<[string, readonly string[]]>([
    ["no target", []],
    ["an unknown kind", ["--target", "gpu", "--emit", "pdf"]],
    ["a number that is none", ["--target", "gpu", "--min-ops", "few"]],
    ["partitions without a file", ["--target", "gpu", "--partition-only"]],
    ["a file without a use", ["--target", "gpu", "-o", "x.tflite"]],
  ])("bad usage: %s", async (_, flags) => {
    expect((await cli("partition", at("casts.tflite"), ...flags)).code).toBe(2);
  });
  test("a target for which nobody speaks", () => {
    expect(() => requireVerdict(new Compiler(), partitionTarget("qnn:SM8650"))).toThrow(
      'nothing taps the hook support.for("qnn:SM8650")',
    );
  });
});

describe("partitions in graphs of their own", () => {
  const run = defineOp("test.run", {
    summary: "Runs a partition.",
    operands: { inputs: operand.variadic(operand.tensor) },
    attrs: { graph: attr.graph, number: attr.int },
    traits: { wraps: { graph: "graph", operands: "inputs" } },
  });
  test("stand for what a delegate's plugin says", async () => {
    const compiler = createCompiler();
    const module = moduleOf();
    compiler.hooks.outline.for("xnnpack").tap("test", ({ partition, body, index }) => ({
      op: run,
      operands: { inputs: partition.inputs },
      attrs: { graph: body.name, number: index },
    }));
    const outlined = outlinePartitions(compiler, placementBy(compiler, module, xnnpackTarget));
    expect(outlined.map((o) => [o.index, o.body.name, [...o.body.nodes].length])).toEqual([
      [0, "partition_0", 3],
      [1, "partition_1", 1],
    ]);
    expect([...module.find("main")!.nodes].map((n) => n.op.name)).toEqual([
      "test.run",
      "tfl.cast",
      "tfl.cast",
      "test.run",
      "tfl.sign",
    ]);
    await runPasses(module, [inlineGraphs()], compiler);
    expect([...module.find("main")!.nodes].length).toBe(7);
  });
  test("need one", () => {
    const compiler = createCompiler();
    const placement = placementBy(compiler, moduleOf(), xnnpackTarget);
    expect(() => outlinePartitions(compiler, placement)).toThrow(CompileError);
  });
});
