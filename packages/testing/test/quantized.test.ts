import { readFileSync } from "node:fs";
import { tflitePlugin } from "@tflower/backend-tflite";
import { Compiler, decode, parseModule, runGraph, type TensorType, wrap } from "@tflower/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runOnLiteRt } from "../src/equivalence/run-on-litert.ts";
import {
  checkQuantized,
  claimedTolerance,
  compareTensors,
  drawApplication,
  exact,
  formName,
  oneCode,
  programOf,
  type QuantizedSample,
  quantizedForms,
  quantizedTensors,
  seeded,
} from "../src/index.ts";

describe("reference semantics against LiteRT as it is by default", () => {
  for (const form of quantizedForms)
    test(formName(form), async () => {
      const { compared, problem } = await checkQuantized(form, { runs: 6 });
      expect(problem).toBeUndefined();
      expect(compared).toBeGreaterThan(0);
    });
});

interface Golden {
  readonly form: string;
  readonly ir: string;
  readonly inputs: readonly string[];
  readonly results: readonly string[];
}
// one case a line, made by conformance/quantized-kernels.mjs --golden
const golden = readFileSync(new URL("kernel-results.jsonl", import.meta.url), "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line) as Golden);
const { knownOps } = new Compiler().use(tflitePlugin());
const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));

describe("reference semantics give what native kernels gave", () => {
  const forms = new Map(quantizedForms.map((f) => [formName(f), f]));
  for (const [i, g] of golden.entries())
    test(`${g.form}, case ${i}`, async () => {
      const form = forms.get(g.form)!;
      const module = parseModule(g.ir, knownOps);
      const main = module.find("main")!;
      const inputs = g.inputs.map((hex, k) => decode(main.inputs[k]!.type, bytesOf(hex)));
      const got = await runGraph(main, inputs);
      for (const [k, hex] of g.results.entries()) {
        const expected = decode(main.outputs[k]!.type, bytesOf(hex));
        expect(compareTensors(got[k]!, expected, form.equal ?? exact)).toBeUndefined();
      }
    });
});

describe("what is drawn", () => {
  const isCode = (t: TensorType): boolean => t.quant !== undefined && ["i8", "u8", "i16"].includes(t.dtype);
  /** Types of quantized operands, then results, of one application. */
  const drawnTypes = (form: QuantizedSample): readonly [operands: TensorType[], results: TensorType[]] => {
    const { module } = programOf(drawApplication(seeded(7), form.op, form.draw));
    const [node] = [...module.find("main")!.nodes];
    return [node!.inputs.map((v) => v.type).filter(isCode), node!.results.map((v) => v.type).filter(isCode)];
  };
  test("keeps to what ops declare of their scales", () => {
    for (const form of quantizedForms) {
      const { sameScales, fixedOutputRange } = form.op.traits;
      const [operands, results] = drawnTypes(form);
      const scales = new Set([...operands, ...results].map((t) => JSON.stringify(t.quant)));
      if (sameScales) expect([formName(form), scales.size]).toEqual([formName(form), 1]);
      const fixed = results[0] && fixedOutputRange?.[results[0].dtype];
      if (fixed) expect([results[0]!.quant!.scales[0], results[0]!.quant!.zeroPoints[0]]).toEqual(fixed);
    }
  });
  test("holds every code, and 16-bit ones are symmetric", () => {
    fc.assert(
      fc.property(quantizedTensors("i16"), quantizedTensors("u8"), (words, bytes) => {
        expect(words.type.quant!.zeroPoints).toEqual([0]);
        expect(bytes.type.quant!.zeroPoints[0]).toBeGreaterThanOrEqual(0);
        expect(Math.fround(bytes.type.quant!.scales[0]!)).toBe(bytes.type.quant!.scales[0]);
      }),
    );
  });
});

describe("claims", () => {
  test("exact where the semantics follow, a code elsewhere", () => {
    expect(claimedTolerance(oneCode, "reference")).toBe(exact);
    expect(claimedTolerance(oneCode, "xnnpack")).toEqual({ codes: 1 });
  });
  test("nothing of kernels that differ", () =>
    expect(claimedTolerance({ exactOn: "xnnpack", differsOn: ["builtin"] }, "builtin")).toBeUndefined());
  test("a form that claims nothing of the default cannot be checked", async () =>
    expect(checkQuantized({ ...quantizedForms[0]!, differsOn: ["xnnpack"] })).rejects.toThrow("claims nothing"));
  test("a wrong semantics is noticed", async () => {
    const form = quantizedForms.find((f) => formName(f) === "SUB i8")!;
    const evaluate = quantizedForms.find((f) => formName(f) === "ADD i8")!.op.evaluate!;
    const { problem } = await checkQuantized({ ...form, op: { ...form.op, evaluate } }, { runs: 10 });
    expect(problem).toContain("SUB i8");
  });
});

test("a 64-bit bias of one scale says it: a kernel holds it to the product of the others", async () => {
  const module = parseModule(
    `signature "serving_default" = @main
graph @main(%0: i16[1,2]<0.5:0>) {
  %c1 = const [1, 2] : i8[1,2]<0.5:0>
  %c2 = const [3] : i64[1]<0.25:0>
  %3 = tfl.fully_connected(%0, %c1, %c2) : i16[1,1]<0.5:0>
  return %3
}`,
    knownOps,
  );
  const { type } = module.find("main")!.inputs[0]!;
  const input = wrap(type, Int16Array.of(10, 20));
  const [expected] = await runGraph(module.find("main")!, [input]);
  const real = await runOnLiteRt(module, [input]);
  expect(real.kind === "ran" && Array.from(real.results[0]!.data as Int16Array)).toEqual(
    Array.from(expected!.data as Int16Array),
  );
});
