import { readFileSync } from "node:fs";
import { tflitePlugin } from "@tflower/backend-tflite";
import { Compiler, decode, parseModule, runGraph } from "@tflower/core";
import { describe, expect, test } from "vitest";
import {
  checkQuantized,
  claimedTolerance,
  compareTensors,
  exact,
  formName,
  oneCode,
  quantizedForms,
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
const golden = JSON.parse(readFileSync(new URL("kernel-results.json", import.meta.url), "utf8")) as readonly Golden[];
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
