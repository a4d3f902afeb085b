import { tflitePlugin } from "@tflower/backend-tflite";
import { CompileError, Compiler, type Diagnostic, parseModule, runGraph, runPasses, type Value } from "@tflower/core";
import { describe, expect, test } from "vitest";
import {
  type Calibration,
  integerInterface,
  noStatistics,
  placeQuantizers,
  quantizePasses,
  quantizersOf,
  type Recipe,
  roomyRange,
  statisticsOf,
  valueNames,
} from "../src/index.ts";

const compiler = new Compiler({ quantize: true }).use(tflitePlugin());
const text = (body: string): string => `signature "serving_default" = @main\n${body}`;
const weights = `const [${Array.from({ length: 256 }, (_, i) => Math.sin(i).toFixed(3)).join(", ")}] : f32[16,16]`;
const dense = text(`graph @main(%x: f32[1,16]) {
  %w = ${weights}
  %0 = tfl.fully_connected(%x, %w, none) : f32[1,16]
  %1 = tfl.add(%0, %0) : f32[1,16]
  return %1
}`);

/** Statistics of one sample, which `fill` gives; values that `skip` names are left out. */
const calibration = (fill: (i: number) => number, skip: (name: string) => boolean = () => false): Calibration => ({
  async statistics(_, wanted) {
    const values: Record<string, ReturnType<typeof statisticsOf>> = {};
    for (const [graph] of wanted) {
      const names = valueNames(graph);
      const see = (v: Value, data: Parameters<typeof statisticsOf>[0]): void => {
        const name = names.get(v)!;
        if (!skip(name)) values[name] = statisticsOf(data);
      };
      const inputs = graph.inputs.map((v) => ({
        type: v.type,
        data: Float32Array.from({ length: 16 }, (_, i) => fill(i)),
      }));
      for (const [i, v] of graph.inputs.entries()) see(v, inputs[i]!);
      await runGraph(graph, inputs, { observe: (n, all) => n.results.forEach((r, i) => void see(r, all[i]!)) });
    }
    return { ...noStatistics, samples: 1, values };
  },
});
async function diagnose(source: string, ...passes: Parameters<typeof runPasses>[1]): Promise<readonly Diagnostic[]> {
  const found: Diagnostic[] = [];
  try {
    await runPasses(parseModule(source, compiler.knownOps), passes, compiler, { report: (d) => found.push(d) });
  } catch (e) {
    if (!(e instanceof CompileError)) throw e;
    found.push(...e.diagnostics);
  }
  return found;
}
const place = (c: Calibration) => placeQuantizers({ scheme: "int8" }, { calibration: c, estimate: roomyRange });

test("a target without quantizers is named (QNT0001)", () => {
  expect(() => quantizersOf(new Compiler())).toThrow(/QNT0001.*the target has no op that quantizes/s);
});

describe("statistics", () => {
  test("that lack a value (QNT0003)", async () => {
    const found = await diagnose(dense, place(calibration(Math.sin, (name) => name.includes("add"))));
    expect(found.map((d) => d.code)).toEqual(["QNT0003"]);
    expect(found[0]!.message).toContain('"main/add"');
  });
  test("that lack most are of another program (QNT0006)", async () => {
    const found = await diagnose(dense, place(calibration(Math.sin, () => true)));
    expect(found.map((d) => [d.severity, d.code])).toEqual([["error", "QNT0006"]]);
    expect(found[0]!.message).toMatch(/say nothing of 3 of the 3 values/);
  });
  test("of values that never changed (QNT0008)", async () => {
    const found = await diagnose(dense, place(calibration(() => 0)));
    expect(found.map((d) => [d.severity, d.code])).toEqual([["note", "QNT0008"]]);
    expect(found[0]!.message).toMatch(/^3 values had one number in all samples.*: main\/in\.0, main\/fully_connected/);
    expect(await diagnose(dense, place(calibration(Math.sin)))).toEqual([]);
  });
});

test("inputs and outputs that stay float are named, with why (QNT0007)", async () => {
  const found = await diagnose(
    text(`graph @main(%x: f32[4], %y: f32[4], %z: f32[4]) {
  %0 = tfl.quantize(%y) : i8[4]<0.5:0>
  %1 = tfl.dequantize(%0) : f32[4]
  %2 = tfl.exp(%x) : f32[4]
  %3 = tfl.add(%1, %2) : f32[4]
  return %3, %z
}`),
    integerInterface(),
  );
  expect(found.map((d) => d.code)).toEqual(["QNT0007", "QNT0007", "QNT0007", "QNT0007"]);
  expect(found.map((d) => d.message)).toEqual([
    'input "x" stays float, though the recipe asks for integers: tfl.exp reads it as floats',
    'input "z" stays float, though the recipe asks for integers: nothing reads it',
    'output "0" stays float, though the recipe asks for integers: tfl.add gives it as floats',
    'output "1" stays float, though the recipe asks for integers: it is an input or a constant',
  ]);
});

describe("recipes", () => {
  const check = (recipe: Recipe) => diagnose(dense, quantizePasses(recipe, { calibration: calibration(Math.sin) })[0]!);
  test("with rules that fit nothing (QNT0004)", async () => {
    const found = await check({
      scheme: "int8",
      rules: [
        { op: "tfl.conv_2d", scheme: "float" },
        { op: "tfl.*", scheme: "fp16" },
      ],
    });
    expect(found.map((d) => d.message)).toEqual([
      'rules[0] of the recipe fits no op of the program: op "tfl.conv_2d": float',
    ]);
  });
  test("that name ops which stay float (QNT0005)", async () => {
    const found = await check({ scheme: "float", rules: [{ op: "tfl.add", scheme: "int8" }] });
    expect(found.map((d) => d.code)).toEqual(["QNT0005"]);
    expect(found[0]!.message).toBe(
      "tfl.add stays float, though the recipe asks for int8: what it reads, or most of what reads it, are floats",
    );
    expect(await check({ scheme: "float", rules: [{ op: "tfl.*", scheme: "int8" }] })).toEqual([]);
  });
  test("whose blocks divide nothing (QNT0002)", async () => {
    const found = await check({ scheme: "int4-block256" });
    expect(found.map((d) => [d.severity, d.code])).toEqual([["warning", "QNT0002"]]);
    expect(found[0]!.message).toContain("16 elements are no blocks of 256");
  });
});
