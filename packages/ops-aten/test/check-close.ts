import { isComplex, isFloat, type TensorData } from "@tflower/core";
import { describe, expect, test } from "vitest";
import type { Case } from "./cases.ts";
import { lowered, reference } from "./lowered.ts";

/** Floats agree to single precision, relative to the largest; anything else agrees exactly. */
export function expectClose(got: readonly TensorData[], want: readonly TensorData[]): void {
  expect(got.map((t) => t.type)).toEqual(want.map((t) => t.type));
  got.forEach((t, i) => {
    const expected = want[i]!;
    if (!isFloat(t.type.dtype) && !isComplex(t.type.dtype)) {
      expect(t.data).toEqual(expected.data);
      return;
    }
    const finite = Array.from(expected.data, Number).filter(Number.isFinite);
    const tolerance = 2e-6 * Math.max(1, ...finite.map(Math.abs));
    const differing = Array.from(t.data, Number).flatMap((v, k) => {
      const w = Number(expected.data[k]);
      return Object.is(v, w) || v === w || Math.abs(v - w) <= tolerance ? [] : [`element ${k}: ${v}, expected ${w}`];
    });
    expect(differing).toEqual([]);
  });
}

/** Checks an op's reference semantics, and what it is lowered to, against PyTorch, to single precision. */
export function checkClose(cases: readonly Case[], o: { readonly refused?: (c: Case) => boolean } = {}): void {
  describe("reference semantics are PyTorch's", () => {
    test.each(cases.map((c) => [c.name.slice(0, 160), c] as const))("%s", async (_, c) => {
      expectClose(await reference(c), c.expected);
    });
  });
  describe("lowered to the same", () => {
    const real = cases.filter(
      (c) =>
        ![...Object.values(c.operands).flat(), ...c.expected].some((t) => t && isComplex((t as TensorData).type.dtype)),
    );
    test.each(real.map((c) => [c.name.slice(0, 160), c] as const))("%s", async (_, c) => {
      const out = await lowered(c);
      if (o.refused?.(c)) {
        expect("refused" in out).toBe(true);
        return;
      }
      if ("refused" in out)
        throw new Error(out.refused.map((d) => [d.message, ...(d.notes ?? [])].join("; ")).join("\n"));
      expectClose(out.results, c.expected);
    });
  });
}
