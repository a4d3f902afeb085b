import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { encode, memorySource, runGraph, type TensorData, tensorData } from "@tflower/core";
import { readPt2 } from "@tflower/frontend-pt2";
import { mergeStatistics, parseStatistics, type Statistics, statisticsOf, valueNames } from "@tflower/quantize";
import { loadModel } from "@tflower/runtime-litert";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { calibrateModule } from "../src/calibrate/calibrate-module.ts";
import { readCalibration } from "../src/calibrate/read-calibration.ts";
import { compileProgram } from "../src/compile.ts";
import { createCompiler } from "../src/create-compiler.ts";
import { writeSafetensors } from "../src/safetensors/safetensors.ts";
import { openSafetensors } from "../src/safetensors/safetensors-file.ts";
import { cli } from "./capture.ts";
import { expected, program } from "./programs.ts";

const example = (path: string): string => fileURLToPath(new URL(`../../../examples/${path}`, import.meta.url));
const digits = example("digits-cnn/digits_cnn.pt2");
const compileDigits = async (settings = {}) =>
  compileProgram(
    await readPt2(memorySource("digits_cnn.pt2", readFileSync(digits))),
    createCompiler({ quantize: true, ...settings }),
  );

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tflower-calibrate-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);

/** Images of the digits' size, the same each time. */
const image = (seed: number): TensorData =>
  tensorData(
    "f32",
    [1, 1, 8, 8],
    Array.from({ length: 64 }, (_, i) => Math.sin(seed * 7 + i * (1 + seed / 3)) ** 2),
  );
const images = (n: number): TensorData[][] => Array.from({ length: n }, (_, i) => [image(i)]);
function safetensors(tensors: Readonly<Record<string, TensorData>>): Uint8Array {
  return writeSafetensors(
    new Map(
      Object.entries(tensors).map(([name, t]) => [
        name,
        { dtype: t.type.dtype, shape: t.type.shape, bytes: encode(t) },
      ]),
    ),
  );
}
const calibFile = (n: number, more: Readonly<Record<string, TensorData>> = {}): Uint8Array =>
  safetensors({ ...Object.fromEntries(images(n).map(([t], i) => [`calib.${i}.in.0`, t!])), ...more });
const exactly = (s: Statistics): unknown => ({
  ...s,
  values: Object.fromEntries(Object.entries(s.values).map(([k, { moving: _, ...v }]) => [k, v])),
});

describe("statistics on LiteRT", () => {
  test("are those of the reference semantics", async () => {
    const module = await compileDigits();
    const graph = module.graphs[0]!;
    const seen = await calibrateModule(module, images(2), { load: loadModel });
    const names = valueNames(graph);
    expect(Object.keys(seen.values)).toHaveLength([...names.keys()].filter((v) => v.type.dtype === "f32").length);
    expect(seen.samples).toBe(2);
    const first = await calibrateModule(module, images(1), { load: loadModel });
    let checked = 0;
    await runGraph(graph, images(1)[0]!, {
      observe(node, results) {
        for (const [i, r] of node.results.entries()) {
          const v = first.values[names.get(r)!]!;
          const want = statisticsOf(results[i]!);
          expect(v.count).toBe(want.count);
          expect(v.min).toBeCloseTo(want.min, 4);
          expect(v.max).toBeCloseTo(want.max, 4);
          checked++;
        }
      },
    });
    expect(checked).toBeGreaterThan(5);
    expect(first.values[`${graph.name}/in.0`]).toEqual(statisticsOf(image(0)));
    // nothing of the module has changed
    expect(graph.outputNames).toEqual(["output"]);
  });
  test("do not depend on how many models give out the values", async () => {
    const module = await compileDigits();
    const whole = await calibrateModule(module, images(3), { load: loadModel });
    let loads = 0;
    const load = (bytes: Uint8Array) => {
      loads++;
      return loadModel(bytes);
    };
    expect(await calibrateModule(module, images(3), { load, bytesPerModel: 9000 })).toEqual(whole);
    expect(loads).toBeGreaterThan(1);
    const models = loads;
    loads = 0;
    expect(await calibrateModule(module, images(3), { load, bytesPerModel: 9000, bytesLoaded: 0 })).toEqual(whole);
    expect(loads).toBe(3 * models);
  });
  test("are of the values asked for", async () => {
    const module = await compileDigits();
    const all = await calibrateModule(module, images(1), { load: loadModel });
    const names = Object.keys(all.values).filter((_, i) => i % 3 === 0);
    const some = await calibrateModule(module, images(1), {
      load: loadModel,
      values: new Set(names),
      channels: () => true,
    });
    expect(Object.keys(some.values)).toEqual(names);
    for (const n of names) {
      const { channels, ...v } = some.values[n]!;
      expect(v).toEqual(all.values[n]);
      expect(Math.max(...channels!.max.map((x) => x!))).toBe(v.max);
      expect(Math.min(...channels!.min.map((x) => x!))).toBe(v.min);
    }
  });
  test("have the same names whenever the program is compiled, and most of them with other options", async () => {
    const names = async (settings = {}) => [...valueNames((await compileDigits(settings)).graphs[0]!).values()];
    const a = await names();
    expect(new Set(a).size).toBe(a.length);
    expect(await names()).toEqual(a);
    expect(a[0]).toBe("main/in.0");
    expect(a).toContainEqual(expect.stringMatching(/^main\/residual\.0\/\w+\/conv_2d$/));
    const other = new Set(await names({ quantize: false, nhwcOutputs: true }));
    expect(a.filter((n) => other.has(n)).length).toBeGreaterThan(a.length / 2);
  });
  test("go on with the state of the sample before", async () => {
    const { calls } = expected["counter"]!;
    const module = await compileProgram(await program("counter"), createCompiler({ quantize: true }));
    const samples = calls!.map((c) => c.in.map((t) => tensorData(t.dtype, t.shape, t.data)));
    const [output] = module.graphs[0]!.outputs;
    const name = valueNames(module.graphs[0]!).get(output!)!;
    const seen = await calibrateModule(module, samples, { load: loadModel });
    const out = calls!.flatMap((c) => c.out[0]!.data);
    expect(seen.values[name]).toMatchObject({ count: out.length, min: Math.min(...out), max: Math.max(...out) });
    // so a shard would compute something else
    const file = await openSafetensors(
      memorySource("data", safetensors(Object.fromEntries(samples.map((t, i) => [`calib.${i}.in.0`, t[0]!])))),
    );
    await expect(calibrateModule(module, file, { load: loadModel, shard: { index: 0, count: 2 } })).rejects.toThrow(
      /QNT0106/,
    );
    const again = await calibrateModule(module, file, { load: loadModel, shard: { index: 0, count: 1 } });
    expect(again).toEqual(seen);
  });
  test("end when they are told to", async () => {
    const module = await compileDigits();
    const abort = new AbortController();
    const done: (readonly [number, number | undefined])[] = [];
    const work = calibrateModule(module, images(5), {
      load: loadModel,
      signal: abort.signal,
      progress: (n, of) => {
        done.push([n, of]);
        if (n === 2) abort.abort(new Error("enough"));
      },
    });
    await expect(work).rejects.toThrow("enough");
    expect(done).toEqual([
      [1, undefined],
      [2, undefined],
    ]);
  });
});

describe("samples that do not fit", () => {
  const graphInput = 'for input 0 \\("image"\\)';
  const run = async (bytes: Uint8Array) =>
    calibrateModule(await compileDigits(), await openSafetensors(memorySource("data.safetensors", bytes)), {
      load: loadModel,
    });
  test("are all named, with what was expected", async () => {
    const bytes = safetensors({
      "calib.0.in.0": image(0),
      "calib.1.in.0": tensorData("f32", [1, 64], image(0).data as Float32Array),
      "calib.2.in.0": tensorData("i32", [1, 1, 8, 8], image(0).data as Float32Array),
      "calib.3.in.1": image(0),
      "test.in.0": tensorData("f32", [1], [0]),
    });
    const error = await run(bytes).catch((e: Error) => e);
    expect(String(error)).toMatch(
      new RegExp(
        `QNT0101.*data\\.safetensors: calib\\.1\\.in\\.0: expected f32\\[1,1,8,8\\] ${graphInput}, got f32\\[1,64\\]`,
      ),
    );
    expect(String(error)).toMatch(/QNT0101.*calib\.2\.in\.0: expected f32.*, got i32\[1,1,8,8\]/);
    expect(String(error)).toMatch(/QNT0103.*sample 3 has no calib\.3\.in\.0/);
    expect(String(error)).toMatch(/QNT0103.*calib\.3\.in\.1 is one too many/);
  });
  test("are refused for a NaN, wherever they are", async () => {
    const bad = image(1);
    bad.data[5] = Number.NaN;
    bad.data[9] = Number.NaN;
    const error = await run(safetensors({ "calib.0.in.0": image(0), "calib.4.in.0": bad, "calib.11.in.0": bad })).catch(
      (e: Error) => e,
    );
    expect(String(error)).toMatch(/QNT0102.*calib\.4\.in\.0: 2 of 64 elements are NaN, the first at 5/);
    expect(String(error)).toMatch(/calib\.11\.in\.0: 2 of 64/);
  });
  test("are refused where there are none", async () => {
    await expect(run(safetensors({ "in.0": image(0) }))).rejects.toThrow(/QNT0104.*"calib\.N\.in\.K".*got in\.0/);
    await expect(calibrateModule(await compileDigits(), [], { load: loadModel })).rejects.toThrow(/QNT0104/);
  });
  test("of an iterator are told by their number", async () => {
    const module = await compileDigits();
    await expect(calibrateModule(module, [[image(0)], [image(0), image(1)]], { load: loadModel })).rejects.toThrow(
      /QNT0103.*sample 1 has 2 tensors, and the program takes 1: image/,
    );
    await expect(calibrateModule(module, [[tensorData("f32", [2], [1, 2])]], { load: loadModel })).rejects.toThrow(
      /QNT0101.*input 0 of sample 0: expected f32\[1,1,8,8\]/,
    );
  });
  test("are converted where only the width differs", async () => {
    const half = tensorData("f16", [1, 1, 8, 8], image(0).data as Float32Array);
    const s = await run(safetensors({ "calib.0.in.0": half }));
    expect(s.values["main/in.0"]!.max).toBe(Math.max(...(half.data as Float32Array)));
  });
});

test("only the samples that are run are read", async () => {
  const bytes = calibFile(4, { unrelated: tensorData("f32", [10_000], new Float32Array(10_000)) });
  const inner = memorySource("data.safetensors", bytes);
  const reads: number[] = [];
  const file = await openSafetensors({ ...inner, read: (o, n) => (reads.push(n), inner.read(o, n)) });
  await calibrateModule(await compileDigits(), file, { load: loadModel, shard: { index: 1, count: 4 } });
  expect(reads.slice(2)).toEqual([256]);
});

describe("the command line", () => {
  beforeEach(() => writeFileSync(at("data.safetensors"), calibFile(7, { "test.in.0": image(9) })));
  const calibrate = (...argv: string[]) => cli("calibrate", digits, "--data", at("data.safetensors"), ...argv);
  const read = (name: string) => parseStatistics(readFileSync(at(name), "utf8"));

  test("shards add up exactly", async () => {
    expect(await calibrate("-o", at("all.json"))).toMatchObject({ code: 0, out: "" });
    for (const i of [0, 1, 2]) {
      const r = await calibrate("--shard", `${i}/3`, "-o", at(`${i}.json`));
      expect(r.err).toMatch(new RegExp(`${i}\\.json: [23] of 7 samples, \\d+ values`));
    }
    const merged = await cli("calibrate", "merge", at("2.json"), at("0.json"), at("1.json"), "-o", at("merged.json"));
    expect(merged).toMatchObject({ code: 0, out: "" });
    expect(exactly(read("merged.json"))).toEqual(exactly(read("all.json")));
    expect(read("merged.json").samples).toBe(7);
    expect(exactly(mergeStatistics(read("1.json"), read("2.json"), read("0.json")))).toEqual(exactly(read("all.json")));
    expect(readdirSync(folder).filter((f) => f.endsWith(".tmp"))).toEqual([]);
    expect(merged.err).not.toMatch(/warning/);
    const twice = await cli("calibrate", "merge", at("0.json"), at("1.json"), at("1.json"), "-o", at("twice.json"));
    expect(twice).toMatchObject({ code: 0 });
    expect(twice.err).toMatch(/warning\[QNT0108\]: \S*1\.json and \S*1\.json both have seen a sample 2/);
  });
  test("writes the same bytes again, and what readCalibration reads", async () => {
    await calibrate("-o", at("a.json"));
    await calibrate("-o", at("b.json"));
    expect(readFileSync(at("a.json"), "utf8")).toBe(readFileSync(at("b.json"), "utf8"));
    const saved = await readCalibration(memorySource("a.json", readFileSync(at("a.json"))));
    expect(saved).toEqual({ kind: "statistics", statistics: read("a.json") });
    const samples = await readCalibration(memorySource("data", readFileSync(at("data.safetensors"))));
    expect(samples.kind === "samples" && [...samples.file.tensors.keys()]).toContain("calib.6.in.0");
    await expect(readCalibration(memorySource("x.json", new TextEncoder().encode('{"version": 2}')))).rejects.toThrow(
      /QNT0107.*x\.json holds no calibration statistics: version: expected version 1/,
    );
  });
  test.each([
    [["--shard", "3/3"], /--shard must be i\/n/],
    [["--shard", "1"], /--shard must be i\/n/],
    [["--shard", "-1/3"], /--shard must be i\/n/],
  ])("refuses %j", async (argv, message) => {
    const r = await calibrate(...argv, "-o", at("x.json"));
    expect(r).toMatchObject({ code: 2 });
    expect(r.err).toMatch(message);
    expect(readdirSync(folder)).not.toContain("x.json");
  });
  test("says what is missing", async () => {
    expect(await calibrate()).toMatchObject({ code: 2, err: expect.stringMatching(/calibrate needs -o/) });
    expect(await cli("calibrate", digits, "-o", at("x.json"))).toMatchObject({ code: 2 });
    expect(await cli("calibrate", "merge", at("x.json"))).toMatchObject({ code: 2 });
    expect(await cli("calibrate", "merge", at("none.json"), "-o", at("x.json"))).toMatchObject({
      code: 1,
      err: expect.stringMatching(/CLI0002/),
    });
    writeFileSync(at("bad.json"), "{}");
    const r = await cli("calibrate", "merge", at("bad.json"), "-o", at("x.json"));
    expect(r).toMatchObject({ code: 1, err: expect.stringMatching(/QNT0107.*bad\.json/) });
    expect(readdirSync(folder)).not.toContain("x.json");
  });
});
