import { countOf, type OpDef, type TensorData, tensor, wrap } from "@tflower/core";
import { describe, expect, test } from "vitest";
import { aten } from "../src/index.ts";
import { type Case, casesOf } from "./cases.ts";
import { expectClose } from "./check-close.ts";
import { reference } from "./lowered.ts";
import { asPairs, splitAndRun } from "./split-program.ts";

const cases = casesOf("fourier");
describe("reference semantics are PyTorch's", () => {
  test.each(cases.map((c) => [c.name.slice(0, 160), c] as const))("%s", async (_, c) => {
    expectClose(await reference(c), c.expected);
  });
});
describe("taken apart into real numbers, the same", () => {
  test.each(cases.map((c) => [c.name.slice(0, 160), c] as const))("%s", async (_, c) => {
    expectClose(await splitAndRun(c), c.expected.map(asPairs));
  });
});

describe("long signals", () => {
  const signal = (n: number): TensorData =>
    wrap(
      tensor("f32", [n]),
      Float32Array.from({ length: n }, (_, i) => Math.sin(i * i * 0.37) + (i % 7)),
    );
  // 600 has factors near its root, 1022 = 2 * 7 * 73, 521 is prime
  test.each([600, 1022, 521])("of %i numbers are transformed there and back", async (n) => {
    const x = signal(n);
    const one = (op: unknown, self: TensorData, attrs = {}): Case => ({
      name: "",
      op: op as OpDef,
      operands: { self },
      attrs,
      expected: [],
    });
    const [spectrum] = await splitAndRun(one(aten.fftRfft, x));
    const [want] = await reference(one(aten.fftRfft, x));
    expectClose([spectrum!], [asPairs(want!)]);
    const half = wrap(want!.type, spectrum!.data);
    const [back] = await splitAndRun(one(aten.fftIrfft, half, { n }));
    expect(countOf(back!.type.shape)).toBe(n);
    expectClose([back!], [x]);
  });
});
