import { tensorData } from "@tflower/core";
import { describe, expect, test } from "vitest";
import { aten } from "../src/index.ts";
import { casesOf } from "./cases.ts";
import { expectClose } from "./check-close.ts";
import { asPairs, splitAndRun } from "./split-program.ts";

describe("taken apart into real numbers, the same as PyTorch's", () => {
  test.each(casesOf("complex").map((c) => [c.name.slice(0, 160), c] as const))("%s", async (_, c) => {
    expectClose(await splitAndRun(c), c.expected.map(asPairs));
  });
});

describe("what has no form in real numbers is refused, with what to do", () => {
  const self = tensorData("c64", [2], [1, 2, 3, 4]);
  const problem = async (run: Promise<unknown>): Promise<string> => {
    const e = await run.then(
      () => undefined,
      (error: unknown) =>
        error as { readonly diagnostics: readonly { message: string; notes?: string[]; help?: string }[] },
    );
    return (e?.diagnostics ?? []).map((d) => [d.message, ...(d.notes ?? []), d.help].join("\n")).join("\n");
  };
  test("complex outputs", async () => {
    expect(await problem(splitAndRun({ op: aten.conjPhysical, operands: { self } }, true))).toMatch(
      /output 0 of @main is complex[\s\S]*view_as_real/,
    );
  });
  test("ops without a rule", async () => {
    expect(await problem(splitAndRun({ op: aten.atanh, operands: { self } }))).toMatch(
      /"aten.atanh" has no form in real numbers[\s\S]*no rule/,
    );
  });
  test("transforms of a long prime length", async () => {
    const long = tensorData("f32", [4099], new Float32Array(4099));
    expect(await problem(splitAndRun({ op: aten.fftFft, operands: { self: long } }))).toMatch(
      /4099 elements[\s\S]*no factors/,
    );
  });
});
