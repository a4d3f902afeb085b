import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { fromTfliteFile, readTflite, tfl } from "@tflower/backend-tflite";
import { inlineGraphs, parseModule, printModule, runGraph, runPasses, tensorData, verifyModule } from "@tflower/core";
import { convert, createCompiler, readSafetensors } from "tflower";
import { beforeAll, expect, test } from "vitest";
import { compositePlugin } from "../composite-plugin.ts";

const file = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url));
const compiler = createCompiler().use(compositePlugin);
const tests = readSafetensors("tests", readFileSync(file("norm_net.safetensors")));
const floats = (name: string): Float32Array => new Float32Array(tests.get(name)!.bytes.slice().buffer);
const input = tensorData("f32", [2, 6], [...floats("in.0")]);

let model: Awaited<ReturnType<typeof convert>>;
beforeAll(async () => {
  model = await convert(file("norm_net.pt2"), { compiler, verifyEach: true });
});
const ops = (module: typeof model.module): string[] => [...module.graphs[0]!.nodes].map((n) => n.op.name);

function expectClose(got: ArrayLike<number | bigint>): void {
  const want = floats("out.0");
  expect(got.length).toBe(want.length);
  for (const [i, v] of want.entries()) expect(got[i]).toBeCloseTo(v, 5);
}

test("LiteRT runs the decomposition, and computes what PyTorch computes", async () => {
  expect(ops(model.module)).toEqual(["tfl.fully_connected", "tfl.stablehlo_composite", "tfl.fully_connected"]);
  const [out] = await model.run([{ dtype: "f32", shape: [2, 6], data: floats("in.0") }]);
  await model.dispose();
  expectClose(out!.data as Float32Array);
});

test("the file says the composite's name, version, attributes and decomposition, and reads back", async () => {
  const written = readTflite(await model.bytes());
  expect(written.subgraphs.map((s) => s.name)).toEqual(["main", "odml.rms_norm.impl"]);
  const read = fromTfliteFile(written, { name: "norm_net.tflite" });
  expect(verifyModule(read)).toEqual([]);
  const node = [...read.graphs[0]!.nodes].find((n) => n.is(tfl.stablehloComposite))!;
  expect(node.attrs).toEqual({
    name: "odml.rms_norm",
    decomposition_subgraph_index: "odml.rms_norm.impl",
    composite_attributes: [["epsilon", 1e-5]],
    version: 1,
  });
  const [out] = await runGraph(read.graphs[0]!, [input]);
  expectClose(out!.data);
});

test("its text parses to the same module", () => {
  const text = printModule(model.module, { constants: "full" });
  expect(text).toMatch(/tfl\.stablehlo_composite\(\(%\S+, %\S+\)\) \{name = "odml\.rms_norm", .*@.*rms_norm\.impl/);
  expect(printModule(parseModule(text, compiler.knownOps), { constants: "full" })).toBe(text);
});

test("a decomposition that does not fit is no module", () => {
  const text = printModule(model.module, { constants: "full" }).replace(/(composite\(\(%\S+), %\S+\)\)/, "$1))");
  expect(verifyModule(parseModule(text, compiler.knownOps)).map((d) => `${d.code} ${d.message}`)).toEqual([
    'IR0006 "tfl.stablehlo_composite" gives (f32[2,8]) to @odml.rms_norm.impl, which takes (f32[2,8], f32[8])',
  ]);
});

test("who wants no composites inlines them", async () => {
  const again = fromTfliteFile(readTflite(await model.bytes()), { name: "norm_net.tflite" });
  await runPasses(again, [inlineGraphs()], compiler);
  expect(ops(again)).toContain("tfl.stablehlo_composite");
  await runPasses(again, [inlineGraphs({ named: true })], compiler);
  expect(ops(again)).not.toContain("tfl.stablehlo_composite");
  expect(again.graphs).toHaveLength(1);
  const [out] = await runGraph(again.graphs[0]!, [input]);
  expectClose(out!.data);
});
