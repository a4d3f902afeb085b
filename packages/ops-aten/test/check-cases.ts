import { isComplex } from "@tflower/core";
import { describe, expect, test } from "vitest";
import type { Case } from "./cases.ts";
import { lowered, reference } from "./lowered.ts";

/** Checks an op's reference semantics, and what it is lowered to, against PyTorch, element by element. */
export function checkCases(cases: readonly Case[], o: { readonly refused?: (c: Case) => boolean } = {}): void {
  describe("reference semantics are PyTorch's", () => {
    test.each(cases.map((c) => [c.name, c] as const))("%s", async (_, c) => {
      expect(await reference(c)).toEqual(c.expected);
    });
  });
  describe("lowered to the same", () => {
    const real = cases.filter((c) => c.expected.every((t) => !isComplex(t.type.dtype)));
    test.each(real.map((c) => [c.name, c] as const))("%s", async (_, c) => {
      const out = await lowered(c);
      if (o.refused?.(c)) {
        expect("refused" in out).toBe(true);
        return;
      }
      if ("refused" in out) throw new Error(out.refused.map((d) => [d.message, ...(d.notes ?? [])].join("; ")).join("\n"));
      expect(out.results).toEqual(c.expected);
    });
  });
}
