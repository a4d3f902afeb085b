import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import {
  allPasses,
  type Diagnostic,
  memorySource,
  type Node,
  parseModule,
  runPasses,
  type TensorType,
} from "@tflower/core";
import { readPt2 } from "@tflower/frontend-pt2";
import { quantizePlugin } from "@tflower/quantize";
import { loadModel, type RuntimeTensor } from "@tflower/runtime-litert";
import { describe, expect, test } from "vitest";
import { compileProgram } from "../src/compile.ts";
import { createCompiler } from "../src/create-compiler.ts";
import { Model } from "../src/model.ts";

interface Encoded {
  readonly dtype: "f32" | "i64";
  readonly shape: readonly number[];
  readonly data: string;
}
const folder = new URL("fixtures/", import.meta.url);
const archive = new Uint8Array(gunzipSync(readFileSync(new URL("quantized.pt2.gz", folder))));
/** What eager PyTorch gives for the quantized modules that make_quantized.py has exported. */
const expected = JSON.parse(readFileSync(new URL("quantized.json", folder), "utf8")) as Readonly<
  Record<string, readonly { readonly in: readonly Encoded[]; readonly out: readonly Encoded[] }[]>
>;

function decoded({ dtype, shape, data }: Encoded): RuntimeTensor & { readonly data: Float32Array | BigInt64Array } {
  const bytes = Uint8Array.from(Buffer.from(data, "base64"));
  return { dtype, shape, data: dtype === "i64" ? new BigInt64Array(bytes.buffer) : new Float32Array(bytes.buffer) };
}

const shown = (t: TensorType | undefined): string =>
  t === undefined ? "-" : `${t.dtype}${t.quant?.block ? `/${t.quant.block}` : ""}`;
/** An op and the types that it computes with: `tfl.conv_2d i8 i8 i32 -> i8`. */
const kind = (n: Node): string =>
  `${n.op.name.replace("tfl.", "")} ${n.inputs.map((v) => shown(v.type)).join(" ")} -> ${n.results.map((v) => shown(v.type)).join(" ")}`;

async function converted(name: string, compiler = createCompiler()) {
  const program = await readPt2(memorySource("quantized.pt2", archive), { model: name });
  const notes: Diagnostic[] = [];
  const module = await compileProgram(program, compiler, { report: (d) => notes.push(d), verifyEach: true });
  const kinds = new Map<string, number>();
  for (const n of module.find("main")!.nodes) kinds.set(kind(n), (kinds.get(kind(n)) ?? 0) + 1);
  return { module, notes, kinds };
}

/** Signal to noise of results on LiteRT, in decibels, over all calls. */
async function noise(name: string, module: Awaited<ReturnType<typeof converted>>["module"]): Promise<number> {
  const model = await loadModel(await new Model(module, []).bytes());
  let [signal, error] = [0, 0];
  for (const call of expected[name]!) {
    const [got] = await model.run(call.in.map(decoded));
    decoded(call.out[0]!).data.forEach((want, i) => {
      signal += Number(want) ** 2;
      error += (Number(want) - Number(got!.data[i])) ** 2;
    });
  }
  model.dispose();
  return 10 * Math.log10(signal / Math.max(error, 1e-30));
}

/** Programs, the least decibels, and ops that must be there, with how many. */
const cases: readonly (readonly [name: string, db: number, kinds: Readonly<Record<string, number>>])[] = [
  // weights that convert_pt2e has folded to integers
  ["xnnpack", 40, { "conv_2d i8 i8 i32 -> i8": 3, "depthwise_conv_2d i8 i8 i32 -> i8": 1, "add i8 i8 -> i8": 1 }],
  ["qat", 40, { "conv_2d i8 i8 i32 -> i8": 3, "fully_connected i8 i8 i32 -> i8": 1 }],
  // unsigned activations, and layers whose results nobody quantizes
  ["x86", 40, { "conv_2d i8 i8 i32 -> i8": 1, "depthwise_conv_2d i8 i8 i32 -> i8": 1, "max_pool_2d i8 -> i8": 1 }],
  // two pairs of quantizers on one edge: the second is an op
  ["requantized", 40, { "quantize i8 -> i8": 1, "fully_connected i8 i8 i32 -> i8": 1 }],
  ["dynamic", 40, { "fully_connected f32 i8 f32 -> f32": 1 }],
  ["int8-weights", 100, { "dequantize i8 -> f32": 2 }],
  ["int8-weights-plain", 100, { "dequantize i8 -> f32": 2 }],
  ["int8-dynamic", 60, { "dequantize i8 -> f32": 1 }],
  ["int4-blocks", 40, { "fully_connected f32 i4/32 f32 -> f32": 1 }],
  ["int4-blocks-plain", 40, { "fully_connected f32 i4/32 f32 -> f32": 1 }],
  ["int4-short-blocks", 100, { "dequantize i4 -> f32": 1, "reshape f32 -> f32": 1 }],
  ["int4-rows", 100, { "dequantize i4 -> f32": 1 }],
  ["int4-dynamic", 40, { "fully_connected f32 i4/32 f32 -> f32": 1 }],
  ["int8-table", 100, { "embedding_lookup i32 i8 -> f32": 1 }],
];

test("all programs are tried", () => {
  expect(cases.map(([name]) => name).sort()).toEqual(Object.keys(expected).sort());
});

describe("a quantized program becomes integers with the same numbers", () => {
  test.each(cases)("%s", async (name, db, kinds) => {
    const made = await converted(name);
    const found = Object.fromEntries(Object.keys(kinds).map((k) => [k, made.kinds.get(k) ?? 0]));
    expect(found, [...made.kinds].map(([k, n]) => `${n} ${k}`).join("\n")).toEqual(kinds);
    expect(await noise(name, made.module)).toBeGreaterThan(db);
  });
});

test("kernels that round more than the program does are named", async () => {
  expect((await converted("int4-blocks")).notes.map((d) => d.code)).toEqual(["QNT0203"]);
  expect((await converted("int4-dynamic")).notes).toEqual([]);
});

test("a recipe may read the integers otherwise, and keeps them", async () => {
  const recipe = createCompiler({ quantize: true }).use(quantizePlugin({ scheme: "dynamic-int8" }));
  const { kinds, module } = await converted("int8-weights", recipe);
  expect(kinds.get("fully_connected f32 i8 f32 -> f32")).toBe(1);
  expect(kinds.get("dequantize i8 -> f32")).toBeUndefined();
  expect(await noise("int8-weights", module)).toBeGreaterThan(35);
});

/** A graph of text behind the importer, compiled. */
async function compiled(body: string) {
  const compiler = createCompiler();
  const module = parseModule(`signature "serving_default" = @main\n${body}`, compiler.knownOps);
  const notes: Diagnostic[] = [];
  await runPasses(module, allPasses(compiler.pipeline), compiler, { report: (d) => notes.push(d) });
  return { module, notes };
}
const dense = (codes: string, range: string, between = ""): string => `graph @main(%x: f32[1,64]) {
  %w = const [${Array.from({ length: 64 * 32 }, (_, i) => (i === 0 ? codes : (i % 15) - 7)).join(", ")}] : i8[32,64]
  %s = const [${Array.from({ length: 32 }, () => 0.5).join(", ")}] : f32[32]
  %z = const [${Array.from({ length: 32 }, () => 0).join(", ")}] : i64[32]
  %0 = quantized_decomposed.dequantize_per_channel(%w, %s, %z) {axis = 0, ${range}, dtype = "i8"} : f32[32,64]${between}
  %y = aten.linear(%x, ${between ? "%1" : "%0"}, none) : f32[1,32]
  return %y
}`;

test("integers outside their range are an error when they are written", async () => {
  const { module } = await compiled(dense("12", "quant_min = -8, quant_max = 7"));
  await expect(new Model(module, []).bytes()).rejects.toThrow(
    /QNT0201.*holds the integer 12 where it promises -8 to 7/,
  );
});

test("weights that no integers stand for any more are named", async () => {
  const squared = "\n  %1 = aten.mul.Tensor(%0, %0) : f32[32,64]";
  const { notes } = await compiled(dense("1", "quant_min = -128, quant_max = 127", squared));
  expect(notes.map((d) => d.code)).toEqual(["QNT0204"]);
});

test("activations that no kernel rounds are named", async () => {
  const { notes, module } = await compiled(`graph @main(%x: f32[1,8,4,4]) {
  %w = const [${Array.from({ length: 72 }, (_, i) => (i % 15) - 7).join(", ")}] : i8[8,1,3,3]
  %s0, %z0 = quantized_decomposed.choose_qparams.tensor(%x) {quant_min = -128, quant_max = 127, eps = 1e-5, dtype = "i8"} : f32[1], i64[1]
  %0 = quantized_decomposed.quantize_per_tensor.tensor(%x, %s0, %z0) {quant_min = -128, quant_max = 127, dtype = "i8"} : i8[1,8,4,4]
  %1 = quantized_decomposed.dequantize_per_tensor.tensor(%0, %s0, %z0) {quant_min = -128, quant_max = 127, dtype = "i8"} : f32[1,8,4,4]
  %2 = quantized_decomposed.dequantize_per_tensor(%w) {scale = 0.5, zero_point = 0, quant_min = -128, quant_max = 127, dtype = "i8"} : f32[8,1,3,3]
  %y = aten.conv2d(%1, %2, none) {groups = 8} : f32[1,8,2,2]
  return %y
}`);
  expect(notes.map((d) => d.code)).toEqual(["QNT0202"]);
  expect([...module.find("main")!.nodes].some((n) => n.op.traits.quantizer === "dynamic")).toBe(false);
});
