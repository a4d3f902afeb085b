import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { tfl, xnnpackSupport } from "@tflower/backend-tflite";
import { Module, parseModule, Rewriter, tensor, tensorData } from "@tflower/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createCompiler } from "../src/index.ts";
import type { NodeDataFile } from "../src/model-explorer/node-data.ts";
import type { ExplorerCollection } from "../src/model-explorer/to-model-explorer.ts";
import { xnnpackTarget } from "../src/partition/partition-target.ts";
import { placementOf } from "../src/partition/placement.ts";
import { htmlReport } from "../src/report/html-report.ts";
import { macsOf } from "../src/report/node-facts.ts";
import { reportOf } from "../src/report/report-of.ts";
import { transposesLeft } from "../src/report/transposes-left.ts";
import { cli } from "./capture.ts";

const example = (path: string): string => fileURLToPath(new URL(`../../../examples/${path}`, import.meta.url));
const digits = example("digits-cnn/digits_cnn.pt2");
let folder: string;
const at = (name: string): string => join(folder, name);
const json = <T>(name: string): T => JSON.parse(readFileSync(at(name), "utf8"));

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tflower-emit-"));
  const r = await cli("convert", digits, "-o", at("digits.tflite"), "--emit", "tflite,ir,report,model-explorer");
  expect(r.code).toBe(0);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("what is asked for lies beside the output", () => {
  expect(readdirSync(folder).sort()).toEqual([
    "digits.bytes.json",
    "digits.html",
    "digits.ir",
    "digits.macs.json",
    "digits.model-explorer.json",
    "digits.tflite",
  ]);
});
test("the text is one that parses", () => {
  const module = parseModule(readFileSync(at("digits.ir"), "utf8"), createCompiler().knownOps);
  expect([...module.find("main")!.nodes].some((n) => n.is(tfl.conv2d))).toBe(true);
});
test("without tflite among the kinds, none is written", async () => {
  const r = await cli("convert", digits, "-o", at("none.tflite"), "--emit", "ir");
  expect(r.code).toBe(0);
  expect(existsSync(at("none.tflite"))).toBe(false);
  expect(existsSync(at("none.ir"))).toBe(true);
  rmSync(at("none.ir"));
});
test("an unknown kind is bad usage", async () => {
  expect(await cli("convert", digits, "-o", at("x.tflite"), "--emit", "tflite,pdf")).toMatchObject({
    code: 2,
    err: 'error: --emit: expected some of tflite, ir, report, model-explorer, got "pdf"\n',
  });
});

describe("Model Explorer's JSON", () => {
  test("has every stage, with edges between nodes that are there", () => {
    const { label, graphs } = json<ExplorerCollection>("digits.model-explorer.json");
    expect(label).toBe("digits");
    expect(graphs.map((g) => g.id)).toEqual(
      ["0 program", "1 imported", "2 lowered", "3 optimized", "4 final"].map((s) => `${s}: main`),
    );
    for (const g of graphs) {
      const outputs = new Map(g.nodes.map((n) => [n.id, n.outputsMetadata?.length ?? 0]));
      expect(outputs.size).toBe(g.nodes.length);
      for (const n of g.nodes)
        for (const e of n.incomingEdges ?? [])
          expect(outputs.get(e.sourceNodeId)).toBeGreaterThan(Number(e.sourceNodeOutputId));
    }
  });
  test("groups nodes by module, and says types, Python lines and classes", () => {
    const graph = json<ExplorerCollection>("digits.model-explorer.json").graphs.at(-1)!;
    const conv = graph.nodes.find((n) => n.label === "conv_2d" && n.namespace === "residual/0")!;
    expect(conv.attrs).toContainEqual({ key: "modules", value: "residual.0, residual.1" });
    expect(conv.attrs).toContainEqual({ key: "padding", value: '"SAME"' });
    expect(conv.attrs!.find((a) => a.key === "Python")?.value).toMatch(/train\.py:50$/);
    expect(conv.outputsMetadata![0]!.attrs[0]).toEqual({ key: "tensor_shape", value: "float32[1,8,8,24]" });
    expect(graph.groupNodeAttributes?.["residual/0"]?.["class"]).toMatch(/Conv2d/);
    expect(graph.nodes.filter((n) => n.label === "pseudo_const").length).toBeGreaterThan(5);
  });
  test("overlays name nodes of the last stage", () => {
    const graph = json<ExplorerCollection>("digits.model-explorer.json").graphs.at(-1)!;
    const byId = new Map(graph.nodes.map((n) => [n.id, n]));
    const macs = json<NodeDataFile>("digits.macs.json")[graph.id]!;
    const residual = Object.entries(macs.results).find(([id]) => byId.get(id)!.namespace === "residual/0")!;
    // 8 x 8 places, 24 channels out, 3 x 3 taps of 24 channels
    expect(residual[1].value).toBe(8 * 8 * 24 * 9 * 24);
    const bytes = json<NodeDataFile>("digits.bytes.json")[graph.id]!;
    expect(bytes.results[residual[0]]!.value).toBe(4 * (24 * 9 * 24 + 24 + 8 * 8 * 24));
  });
  test("has the errors of a comparison, and times", async () => {
    const base = at("compared");
    const r = await cli("compare", digits, "--emit-model-explorer", base, "--time", "--report", at("compared.html"));
    expect(r.code).toBe(0);
    const [graph] = json<ExplorerCollection>("compared.model-explorer.json").graphs;
    const { results } = json<NodeDataFile>("compared.error.json")[graph!.id]!;
    expect(Object.keys(results).length).toBeGreaterThan(8);
    for (const [id, { value }] of Object.entries(results)) {
      expect(graph!.nodes.map((n) => n.id)).toContain(id);
      expect(value).toBeLessThan(-100);
    }
    const times = json<NodeDataFile>("compared.time.json")[graph!.id]!.results;
    const ops = graph!.nodes.filter((n) => /^node /.test(n.id));
    expect(ops.map((n) => n.id)).toEqual(expect.arrayContaining(Object.keys(times)));
    expect(Object.keys(times).length).toBeGreaterThan(ops.length / 2);
    for (const { value } of Object.values(times)) expect(value).toBeGreaterThan(0);
    const page = readFileSync(at("compared.html"), "utf8");
    expect(page.match(/<circle /g)).toHaveLength(11);
    expect(page).toMatch(/<title>stem\.0 \(relu\): 1\d\d\.\d dB<\/title>/);
  });
});

describe("the report", () => {
  const page = (): string => readFileSync(at("digits.html"), "utf8");
  test("is one file that loads nothing", () => {
    expect(page()).toMatch(/^<!doctype html>/);
    expect(page()).not.toMatch(/<script|<link|src=|href=|url\(/);
  });
  test("says what is in the file", () => {
    const size = readFileSync(at("digits.tflite")).byteLength;
    expect(page()).toContain(`<dt>file</dt><dd>${(size / 1e3).toFixed(2)} kB</dd>`);
    expect(page()).toMatch(/<dt>ops<\/dt><dd>1\d<\/dd>/);
    for (const part of ["Signatures", "Ops", "Transposes left", "Outside of XNNPACK", "Biggest weights", "Passes"])
      expect(page()).toContain(`<h2>${part}</h2>`);
    expect(page()).toMatch(/<code>tfl\.conv_2d<\/code>/);
    expect(page()).toMatch(/residual\.0\.weight|head\.0\.weight/);
  });
  test("names are shown as they are, whatever they hold", () => {
    const module = new Module();
    const graph = module.graph("main");
    graph.input(tensor("f32", [1]), '<b>&"x"');
    module.signatures = [{ key: "<script>", graph: "main" }];
    const text = htmlReport(reportOf(module, { title: "a < b" }));
    expect(text).toContain("<h1>a &lt; b</h1>");
    expect(text).toContain("&lt;b&gt;&amp;&quot;x&quot;: f32[1]");
    expect(text).not.toContain("<script>");
  });
});

function graphOf(build: (r: Rewriter, x: ReturnType<ReturnType<Module["graph"]>["input"]>) => void) {
  const graph = new Module().graph("main");
  build(new Rewriter(graph), graph.input(tensor("f32", [1, 4, 4, 2]), "x"));
  return graph;
}
test("transposes that are left say what keeps them", () => {
  const graph = graphOf((r, x) => {
    const a = r.emit(tfl.transpose, { input: x }, {}, { perm: [0, 3, 1, 2] });
    const b = r.emit(tfl.transpose, { input: r.emit(tfl.softmax, { input: a }, {}) }, {}, { perm: [0, 2, 3, 1] });
    const c = r.emit(tfl.transpose, { input: r.emit(tfl.relu, { input: b }, {}) }, {}, { perm: [0, 2, 1, 3] });
    r.graph.outputs = [c];
  });
  expect(transposesLeft(graph).map((t) => [t.perm.join(""), t.why])).toEqual([
    ["0312", 'input "x" keeps the program\'s layout, and softmax reads another'],
    ["0231", "softmax gives one layout and relu reads another; neither can take the other's"],
    ["0213", "an output keeps the program's layout, and relu has another"],
  ]);
});
test("partitions are counted along the longest way, and what is outside has a reason", () => {
  const graph = graphOf((r, x) => {
    const abs = (v: typeof x) => r.emit(tfl.abs, { input: v }, {});
    const cast = r.emit(tfl.cast, { input: abs(x) }, {}, { out_data_type: "i32" });
    const back = r.emit(tfl.cast, { input: cast }, {}, { out_data_type: "f32" });
    r.graph.outputs = [abs(abs(back)), abs(x)];
  });
  const { partitions, causes } = placementOf(graph.module, xnnpackTarget, xnnpackSupport);
  expect(partitions).toBe(2);
  expect(causes.map((c) => [c.reason, c.nodes.map((n) => n.op.name)])).toEqual([
    ["XNNPACK has no CAST", ["tfl.cast", "tfl.cast"]],
  ]);
});
test("multiply-accumulates follow from the op's declaration", () => {
  const graph = graphOf((r, x) => {
    const weight = (shape: readonly number[]) =>
      r.constant(tensorData("f32", shape, new Float32Array(shape.reduce((a, b) => a * b, 1))));
    const image = r.emit(tfl.conv2d, { input: x, filter: weight([6, 3, 3, 2]) }, {}, { padding: "SAME" });
    r.emit(tfl.depthwiseConv2d, { input: image, filter: weight([1, 3, 5, 6]) }, {}, { padding: "SAME" });
    const y = r.emit(tfl.fullyConnected, { input: image, filter: weight([5, 6]) }, {}, { keep_num_dims: true });
    r.emit(tfl.batchMatmul, { x: y, y: weight([5, 7]) }, {});
  });
  expect([...graph.nodes].map(macsOf)).toEqual([16 * 6 * 18, 16 * 6 * 15, 16 * 5 * 6, 16 * 7 * 5]);
});
