import { isComplex } from "@tflower/core";
import { describe, expect, test } from "vitest";
import { casesOf } from "./cases.ts";
import { lowered, reference } from "./lowered.ts";

const cases = casesOf("views");

describe("reference semantics are PyTorch's", () => {
  test.each(cases)("$name", async (c) => {
    expect(await reference(c)).toEqual(c.expected);
  });
});

describe("lowered to the same", () => {
  test.each(cases.filter((c) => c.expected.every((t) => !isComplex(t.type.dtype))))("$name", async (c) => {
    const out = await lowered(c);
    if ("refused" in out) throw new Error(out.refused.map((d) => [d.message, ...(d.notes ?? [])].join("; ")).join("\n"));
    expect(out.results).toEqual(c.expected);
  });
});
