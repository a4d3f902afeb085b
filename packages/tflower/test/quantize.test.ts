import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fromTfliteFile, readTflite } from "@tflower/backend-tflite";
import {
  type Diagnostic,
  encode,
  type Module,
  memorySource,
  printModule,
  runPasses,
  type TensorData,
  tensorData,
} from "@tflower/core";
import { readPt2 } from "@tflower/frontend-pt2";
import { quantizePasses } from "@tflower/quantize";
import { loadModel } from "@tflower/runtime-litert";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compileProgram } from "../src/compile.ts";
import { createCompiler } from "../src/create-compiler.ts";
import { cloneModule, convert, quantize, recipe, verifyQuantized } from "../src/index.ts";
import { writeSafetensors } from "../src/safetensors/safetensors.ts";
import { cli } from "./capture.ts";

const digits = fileURLToPath(new URL("../../../examples/digits-cnn/digits_cnn.pt2", import.meta.url));
let folder: string;
const at = (name: string): string => join(folder, name);

/** Images of the digits' size, the same each time. */
const image = (seed: number): TensorData =>
  tensorData(
    "f32",
    [1, 1, 8, 8],
    Array.from({ length: 64 }, (_, i) => Math.sin(seed * 7 + i * (1 + seed / 3)) ** 2),
  );
const count = 6;
function write(name: string, tensors: Readonly<Record<string, TensorData>>): void {
  const raw = Object.entries(tensors).map(
    ([k, t]) => [k, { dtype: t.type.dtype, shape: t.type.shape, bytes: encode(t) }] as const,
  );
  writeFileSync(at(name), writeSafetensors(new Map(raw)));
}
const samples = (more: Readonly<Record<string, TensorData>> = {}): Record<string, TensorData> => ({
  ...Object.fromEntries(Array.from({ length: count }, (_, i) => [`calib.${i}.in.0`, image(i)])),
  ...more,
});
const moduleOf = (name: string): Module => fromTfliteFile(readTflite(readFileSync(at(name))), { name });
const weightsOf = (m: Module): Record<string, string> =>
  Object.fromEntries(
    m.graphs.flatMap((g) =>
      [...g.nodes].flatMap((n) =>
        n.inputs.flatMap((v) => (v.constant && v.name?.endsWith("weight") ? [[v.name, v.type.dtype]] : [])),
      ),
    ),
  );
async function scores(name: string, input: TensorData): Promise<number[]> {
  const model = await loadModel(readFileSync(at(name)));
  try {
    const [out] = await model.run([
      { dtype: input.type.dtype, shape: input.type.shape as number[], data: input.data as Float32Array },
    ]);
    return Array.from(out!.data as Float32Array);
  } finally {
    model.dispose();
  }
}
const json = async (...argv: readonly string[]) => {
  const r = await cli(...argv, "--json");
  return { ...r, result: r.out === "" ? undefined : JSON.parse(r.out) };
};
const codesOf = (r: { diagnostics: readonly { code: string }[] }): string[] => r.diagnostics.map((d) => d.code);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tflower-quantize-"));
  write("calib.safetensors", samples());
  expect((await cli("convert", digits, "-o", at("float.tflite"))).code).toBe(0);
  const labels: Record<string, TensorData> = {};
  for (let i = 0; i < count; i++) {
    const s = await scores("float.tflite", image(i));
    labels[`calib.${i}.label.0`] = tensorData("i64", [1], [s.indexOf(Math.max(...s))]);
  }
  write("labelled.safetensors", samples(labels));
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a clone prints as what it was made of", async () => {
  const module = await compileProgram(await readPt2(memorySource("d", readFileSync(digits))), createCompiler());
  expect(printModule(cloneModule(module))).toBe(printModule(module));
});

describe("tflower quantize", () => {
  test("quantizes a float .tflite, and says how far it is from it", async () => {
    const { code, result } = await json(
      "quantize",
      at("float.tflite"),
      "-o",
      at("int8.tflite"),
      "--quantize",
      "int8",
      "--calibrate",
      at("calib.safetensors"),
    );
    expect(code).toBe(0);
    expect(result).toMatchObject({
      status: "ok",
      output: at("int8.tflite"),
      quantization: { recipe: { scheme: "int8" }, samples: count },
    });
    expect(result.quantization.snr).toBeGreaterThan(25);
    expect(result.quantization.outputs[0].cosine).toBeGreaterThan(0.99);
    const [before, after] = [moduleOf("float.tflite"), moduleOf("int8.tflite")];
    expect(after.signatures.map((s) => s.key)).toEqual(before.signatures.map((s) => s.key));
    const ends = (m: Module) =>
      [m.graphs[0]!.inputs, m.graphs[0]!.outputs].map((all) => all.map((v) => [v.name, v.type]));
    expect(ends(after)[0]).toEqual(ends(before)[0]);
    expect(after.graphs[0]!.outputNames).toEqual(before.graphs[0]!.outputNames);
    expect(statSync(at("int8.tflite")).size).toBeLessThan(0.45 * statSync(at("float.tflite")).size);
    expect(new Set(Object.values(weightsOf(after)))).toContain("i8");
    // what is integer stays: dynamic quantization has nothing left to do but what is float
    const again = await json("quantize", at("int8.tflite"), "-o", at("again.tflite"), "--quantize", "dynamic-int8");
    expect(again.code).toBe(0);
    expect(await scores("again.tflite", image(9))).toEqual(await scores("int8.tflite", image(9)));
  }, 60_000);

  test("gives and takes integers where that is asked for", async () => {
    const { code } = await json(
      "quantize",
      at("float.tflite"),
      "-o",
      at("io.tflite"),
      "--quantize",
      "int8",
      "--integer-io",
      "--report",
      at("io.html"),
      "--calibrate",
      at("calib.safetensors"),
      "--no-verify-quantized",
    );
    expect(code).toBe(0);
    expect(readFileSync(at("io.html"), "utf8")).toMatch(
      /<h2>Quantized<\/h2><pre>quantized by int8\n {2}integer inputs and outputs/,
    );
    const graph = moduleOf("io.tflite").graphs[0]!;
    const [input, output] = [graph.inputs[0]!.type, graph.outputs[0]!.type];
    expect([input.dtype, output.dtype]).toEqual(["i8", "i8"]);
    const [scale, zero] = [input.quant!.scales[0]!, input.quant!.zeroPoints[0]!];
    const codes = Array.from(image(2).data as Float32Array, (x) =>
      Math.max(-128, Math.min(127, Math.round(x / scale) + zero)),
    );
    const got = (await scores("io.tflite", tensorData("i8", [1, 1, 8, 8], codes))).map(
      (c) => (c - output.quant!.zeroPoints[0]!) * output.quant!.scales[0]!,
    );
    const want = await scores("float.tflite", image(2));
    // samples are reals for this file, too; nothing in it is left to quantize
    const again = await json(
      "quantize",
      at("io.tflite"),
      "-o",
      at("again.tflite"),
      "--quantize",
      "dynamic-int8",
      "--calibrate",
      at("calib.safetensors"),
    );
    expect(again.result).toMatchObject({ status: "ok", quantization: { snr: "Infinity" } });
    const far = Math.max(...got.map((g, i) => Math.abs(g - want[i]!)));
    expect(far).toBeLessThan(0.1 * Math.max(...want.map(Math.abs)));
  }, 60_000);

  test("is refused where it cannot be meant", async () => {
    for (const [argv, message] of [
      [["quantize", at("float.tflite"), "--quantize", "int8"], "quantize needs -o"],
      [["quantize", at("float.tflite"), "-o", at("x.tflite")], "quantize needs --quantize"],
      [["quantize", at("float.tflite"), "-o", at("float.tflite"), "--quantize", "fp16"], "take the place of the input"],
      [["quantize", at("float.tflite"), "-o", at("x.tflite"), "--quantize", "int8"], "give --calibrate"],
      [["quantize", at("float.tflite"), "-o", at("x.tflite"), "--quantize", "int3"], "expected one of float"],
      [
        ["quantize", at("float.tflite"), "-o", at("x.tflite"), "--quantize", "fp16", "--target-snr", "40"],
        "measured on samples",
      ],
      [
        ["quantize", at("float.tflite"), "-o", at("x.tflite"), "--quantize", "fp16", "--target-snr", "much"],
        "must be a number",
      ],
      [["convert", digits, "-o", at("x.tflite"), "--max-bytes", "9"], "--max-bytes says how to quantize"],
    ] as const) {
      const r = await cli(...argv);
      expect(r.code, argv.join(" ")).toBe(2);
      expect(r.err).toContain(message);
    }
    const r = await cli("quantize", digits, "-o", at("x.tflite"), "--quantize", "fp16");
    expect([r.code, r.err]).toEqual([1, expect.stringContaining("error[CLI0013]")]);
    expect(existsSync(at("x.tflite"))).toBe(false);
  });
});

describe("recipes", () => {
  const convertBy = async (file: string, text: string, ...more: readonly string[]) => {
    writeFileSync(at(file), text);
    return json("convert", digits, "-o", at("mixed.tflite"), "--quantize", at(file), ...more);
  };
  test("choose by op, module and regular expression, and later rules win", async () => {
    const { code, result } = await convertBy(
      "mixed.json",
      JSON.stringify({
        scheme: "weight-only-int8",
        rules: [
          { op: "tfl.conv_2d", scheme: "float" },
          { module: "residual", scheme: "fp16" },
          { regex: "^residual\\.0$", scheme: "dynamic-int8" },
        ],
      }),
    );
    expect(result.diagnostics).toEqual([]);
    expect(code).toBe(0);
    expect(weightsOf(moduleOf("mixed.tflite"))).toMatchObject({
      "stem.0.weight": "f32",
      "pointwise.0.weight": "f32",
      "head.0.weight": "f32",
      "residual.0.weight": "i8",
      "classifier.weight": "i8",
    });
  });
  test("may be code, with predicates", async () => {
    const text = `export default { scheme: "float", rules: [
      { scheme: "dynamic-int8", predicate: (node) => node.op.name === "tfl.fully_connected" }] };`;
    const { code, result } = await convertBy("recipe.mjs", text);
    expect(code).toBe(0);
    expect(result.quantization).toEqual({ recipe: { scheme: "float", rules: [{ scheme: "dynamic-int8" }] } });
    const kinds = Object.values(weightsOf(moduleOf("mixed.tflite")));
    expect(kinds.filter((k) => k === "i8")).toHaveLength(1);
    expect(kinds.filter((k) => k === "f32").length).toBeGreaterThan(2);
    const none = await convertBy("none.mjs", "export const other = 1;");
    expect([none.code, none.err]).toEqual([2, expect.stringContaining("no default export")]);
  });
  test("may be TypeScript for the built CLI, too", () => {
    const command = fileURLToPath(new URL("../bin/tflower.js", import.meta.url));
    writeFileSync(
      at("recipe.ts"),
      `import { recipe } from "tflower";
const fits = (node: { op: { name: string } }): boolean => node.op.name === "tfl.fully_connected";
export default recipe.fp16({ rules: [{ scheme: "weight-only-int8", predicate: fits }] });
`,
    );
    const argv = [command, "convert", digits, "-o", "code.tflite", "--quantize", "recipe.ts"];
    execFileSync(process.execPath, argv, { cwd: folder, stdio: "pipe" });
    expect(weightsOf(moduleOf("code.tflite"))["classifier.weight"]).toBe("i8");
  });
  test("of ai-edge-quantizer are taken, with what is different", async () => {
    const weights = { num_bits: 2, symmetric: true, granularity: "CHANNELWISE", dtype: "INT" };
    const { code, result } = await convertBy(
      "theirs.json",
      JSON.stringify([
        { regex: ".*", operation: "*", algorithm_key: "no_quantize" },
        {
          regex: ".*",
          operation: "FULLY_CONNECTED",
          algorithm_key: "min_max_uniform_quantize",
          op_config: { weight_tensor_config: weights, compute_precision: "INTEGER" },
        },
      ]),
      "--save-recipe",
      at("ours.json"),
    );
    expect(code).toBe(0);
    expect(codesOf(result)).toContain("QNT0009");
    expect(JSON.parse(readFileSync(at("ours.json"), "utf8"))).toEqual({
      scheme: "float",
      rules: [{ op: "tfl.fully_connected", scheme: "int4" }],
    });
    const several = await convertBy("several.json", JSON.stringify({ embedder: [], decoder: [] }));
    expect([several.code, several.err]).toEqual([2, expect.stringContaining("several models (embedder, decoder)")]);
  });
  test("that ask for what is not to be had are told so", async () => {
    const { code, result } = await convertBy(
      "wrong.json",
      JSON.stringify({
        scheme: "int4-block256",
        rules: [
          { module: "encoder.layer.0", scheme: "float" },
          { op: "tfl.add", scheme: "dynamic-int8" },
        ],
      }),
    );
    expect(code).toBe(0);
    const messages = Object.fromEntries(
      result.diagnostics.map((d: { code: string; message: string }) => [d.code, d.message]),
    );
    expect(messages["QNT0004"]).toBe(
      'rules[0] of the recipe fits no op of the program: module "encoder.layer.0": float',
    );
    expect(messages["QNT0005"]).toContain("though the recipe asks for dynamic-int8: dynamic-int8 stores weights");
    expect(messages["QNT0002"]).toMatch(/not stored as int4-block256 says: .*are no blocks of 256/);
  });
  test("statistics of another program are named as such", async () => {
    const values = { "main/other/conv_2d": {}, "main/in.7": {} };
    await cli("calibrate", digits, "--data", at("calib.safetensors"), "-o", at("stats.json"));
    const stats = JSON.parse(readFileSync(at("stats.json"), "utf8"));
    const [first] = Object.values(stats.values);
    stats.values = Object.fromEntries(Object.keys(values).map((k) => [k, first]));
    writeFileSync(at("other.json"), JSON.stringify(stats));
    const r = await json(
      "convert",
      digits,
      "-o",
      at("x.tflite"),
      "--quantize",
      "int8",
      "--calibrate",
      at("other.json"),
    );
    expect(r.code).toBe(1);
    expect(codesOf(r.result)).toEqual(["QNT0006"]);
  }, 60_000);
});

describe("goals", () => {
  test("are met with the fewest changes, and the recipe that was found does it again", async () => {
    const goal = ["--calibrate", at("calib.safetensors")];
    const base = await json("convert", digits, "-o", at("int4.tflite"), "--quantize", "int4", ...goal);
    const target = base.result.quantization.snr + 8;
    const found = await json(
      "convert",
      digits,
      "-o",
      at("goal.tflite"),
      "--quantize",
      "int4",
      ...goal,
      "--target-snr",
      String(target),
      "--save-recipe",
      at("found.json"),
    );
    expect(found.code).toBe(0);
    expect(codesOf(found.result)).toContain("QNT0012");
    expect(found.result.quantization.snr).toBeGreaterThanOrEqual(target);
    expect(found.result.quantization.recipe.rules.length).toBeGreaterThan(0);
    expect(statSync(at("goal.tflite")).size).toBeLessThan(statSync(at("float.tflite")).size);
    const again = await json("convert", digits, "-o", at("again.tflite"), "--quantize", at("found.json"), ...goal);
    expect(again.result.quantization.recipe).toEqual(found.result.quantization.recipe);
    expect(again.result.quantization.snr).toBeCloseTo(found.result.quantization.snr, 6);
  }, 120_000);
  test("that cannot be met are refused with the best that was found, and nothing is written", async () => {
    const labelled = at("labelled.safetensors");
    const right = await json(
      "quantize",
      at("float.tflite"),
      "-o",
      at("acc.tflite"),
      "--quantize",
      "dynamic-int8",
      "--calibrate",
      labelled,
      "--target-accuracy",
      "1",
    );
    expect(right.code).toBe(0);
    expect(right.result.quantization).toMatchObject({ accuracy: 1, floatAccuracy: 1 });
    const small = await json(
      "quantize",
      at("float.tflite"),
      "-o",
      at("small.tflite"),
      "--quantize",
      "dynamic-int8",
      "--calibrate",
      labelled,
      "--max-bytes",
      "1000",
      "--save-recipe",
      at("best.json"),
    );
    expect(small.code).toBe(1);
    expect(small.result.diagnostics.at(-1).code).toBe("QNT0011");
    expect(existsSync(at("small.tflite"))).toBe(false);
    expect(JSON.parse(readFileSync(at("best.json"), "utf8")).scheme).toBe("dynamic-int8");
    const unlabelled = await json(
      "quantize",
      at("float.tflite"),
      "-o",
      at("x.tflite"),
      "--quantize",
      "dynamic-int8",
      "--calibrate",
      at("calib.safetensors"),
      "--target-accuracy",
      "1",
    );
    expect([unlabelled.code, codesOf(unlabelled.result)]).toEqual([1, ["QNT0013"]]);
  }, 120_000);
  test("of bytes are met by smaller weights", async () => {
    const size = statSync(at("float.tflite")).size;
    const r = await json(
      "quantize",
      at("float.tflite"),
      "-o",
      at("small.tflite"),
      "--quantize",
      "float",
      "--calibrate",
      at("calib.safetensors"),
      "--max-bytes",
      String(Math.floor(0.4 * size)),
    );
    expect(r.result.diagnostics.filter((d: { severity: string }) => d.severity === "error")).toEqual([]);
    expect(r.code).toBe(0);
    expect(statSync(at("small.tflite")).size).toBeLessThan(0.55 * size);
  }, 120_000);
});

describe("tflower compare --quantized", () => {
  test("shows every layer beside the float one, and what stayed float", async () => {
    await cli(
      "convert",
      digits,
      "-o",
      at("q.tflite"),
      "--quantize",
      "int8",
      "--calibrate",
      at("calib.safetensors"),
      "--no-verify-quantized",
    );
    const r = await json(
      "compare",
      digits,
      at("q.tflite"),
      "--quantized",
      "--calibrate",
      at("labelled.safetensors"),
      "--report",
      at("q.html"),
      "--emit-model-explorer",
      at("q"),
    );
    expect(r.code).toBe(0);
    expect(r.result).toMatchObject({ samples: count, floatAccuracy: 1 });
    expect(r.result.layers.length).toBeGreaterThan(5);
    const conv = r.result.layers.find((l: { lowered: string }) => /conv_2d i8.*weights i8/.test(l.lowered));
    expect(conv).toMatchObject({ module: expect.any(String), location: expect.stringMatching(/\.py:\d+$/) });
    expect(conv.cosine).toBeGreaterThan(0.9);
    expect(r.result.layers.every((l: { snr: number }) => l.snr > 10)).toBe(true);
    expect(readFileSync(at("q.html"), "utf8")).toContain("Error by layer");
    expect(readFileSync(at("q.html"), "utf8")).toContain("Still on floats");
    const overlay = JSON.parse(readFileSync(at("q.error.json"), "utf8"));
    expect(Object.keys(Object.values(overlay)[0] as object)).toContain("results");
    // the float file says the same
    const files = await json(
      "compare",
      at("float.tflite"),
      at("q.tflite"),
      "--quantized",
      "--calibrate",
      at("calib.safetensors"),
    );
    expect(files.result.outputs[0].snr).toBeCloseTo(r.result.outputs[0].snr, 0);
    const least = await cli(
      "compare",
      digits,
      at("q.tflite"),
      "--quantized",
      "--calibrate",
      at("calib.safetensors"),
      "--min-snr",
      "90",
    );
    expect(least.code).toBe(1);
    expect(least.out).toMatch(/on floats, as before:|nothing computes on floats/);
  }, 120_000);
});

describe("in code", () => {
  test("quantize is a pass", async () => {
    const calibrate = Array.from({ length: count }, (_, i) => [image(i)]);
    const model = await convert(new Uint8Array(readFileSync(digits)), {
      settings: { quantize: true },
      pipeline: (p) => [
        ...p.import,
        ...p.lower,
        ...p.optimize,
        quantize(recipe.int8({ calibrate, io: "integer" })),
        ...p.finish,
      ],
    });
    expect(model.module.graphs[0]!.inputs[0]!.type.dtype).toBe("i8");
    expect([...model.module.graphs[0]!.nodes].filter((n) => n.results[0]!.type.dtype === "i8").length).toBeGreaterThan(
      5,
    );
    await model.dispose();
  }, 60_000);
});

test("a program that is far from the float one is named, with the layers that lose most (QNT0010)", async () => {
  const compiler = createCompiler({ quantize: true });
  const module = await compileProgram(await readPt2(memorySource("d", readFileSync(digits))), compiler);
  const set = { samples: [[image(0)], [image(1)]] };
  const quantized = cloneModule(module);
  await runPasses(quantized, [...quantizePasses({ scheme: "int4" }), ...compiler.pipeline.finish], compiler);
  const found: Diagnostic[] = [];
  const options = { compiler, load: loadModel, set, report: (d: Diagnostic) => void found.push(d) };
  const verified = await verifyQuantized(module, quantized, options);
  expect(verified!.snr).toBeGreaterThan(5);
  expect(verified!.snr).toBeLessThan(40);
  found.length = 0;
  await verifyQuantized(module, quantized, { ...options, leastSnr: 60 });
  expect(found.map((d) => [d.severity, d.code])).toEqual([["warning", "QNT0010"]]);
  expect(found[0]!.notes!.length).toBeGreaterThan(0);
  expect(found[0]!.notes![0]).toMatch(/^[\w.]+: tfl\.\w+ loses \d+\.\d dB, and has \d+\.\d dB \(.*\.py:\d+\)$/);
}, 60_000);
