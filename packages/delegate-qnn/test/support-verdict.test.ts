import { expect, expectTypeOf, test } from "vitest";
import { type SupportVerdict, toSupport } from "../src/index.ts";

test("a refusal says who refuses, and what to do", () => {
  expect(
    toSupport({
      supported: false,
      reason: "int16 activations are not taken by ReluMinMax",
      fix: "retype int16 to uint16",
      source: { kind: "qnn-validator", sdk: "2.51.0" },
    }),
  ).toEqual({
    supported: false,
    reason: "int16 activations are not taken by ReluMinMax (from the validator of QNN 2.51.0)",
    help: "retype int16 to uint16",
  });
  expect(toSupport({ supported: false, reason: "rank 6", source: { kind: "static-table" } })).toEqual({
    supported: false,
    reason: "rank 6 (from tflower's table)",
  });
});

test("support needs no reason", () => {
  expect(toSupport({ supported: true, qnnOps: ["Conv2d"], source: { kind: "static-table" } })).toEqual({
    supported: true,
  });
});

test("a verdict is one or the other", () => {
  expectTypeOf<Extract<SupportVerdict, { supported: false }>>().toHaveProperty("reason");
  // @ts-expect-error: a refusal must give a reason
  const silent: SupportVerdict = { supported: false, source: { kind: "static-table" } };
  expect(silent.supported).toBe(false);
});
