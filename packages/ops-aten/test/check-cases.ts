import { isComplex, type TensorData } from "@tflower/core";
import { describe, expect, test } from "vitest";
import type { Case } from "./cases.ts";
import { lowered, reference } from "./lowered.ts";

export interface CheckOptions {
  /** Cases that no lowering takes. */
  readonly refused?: (c: Case) => boolean;
  /** Fails where results are not what they should be; equal element by element unless it is given. */
  readonly same?: (got: readonly TensorData[], expected: readonly TensorData[]) => void;
}

/** Checks an op's reference semantics, and what it is lowered to, against PyTorch, element by element. */
export function checkCases(cases: readonly Case[], o: CheckOptions = {}): void {
  const same = o.same ?? ((got, expected) => expect(got).toEqual(expected));
  describe("reference semantics are PyTorch's", () => {
    test.each(cases.map((c) => [c.name, c] as const))("%s", async (_, c) => {
      same(await reference(c), c.expected);
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
      if ("refused" in out)
        throw new Error(out.refused.map((d) => [d.message, ...(d.notes ?? [])].join("; ")).join("\n"));
      same(out.results, c.expected);
    });
  });
}
