import { describe, expect, test } from "vitest";
import { sharesMemory } from "../../src/import/shares-memory.ts";
import type { SymSize, TensorMeta } from "../../src/schema/exported-program.ts";
import { parseSymExpr } from "../../src/schema/parse-sym-expr.ts";

const size = (s: string): SymSize =>
  /^\d+$/.test(s) ? Number(s) : { text: s, expr: parseSymExpr(s), hint: undefined };
/** `3,4 @ 4,1` is a type with sizes and strides. */
function meta(text: string): TensorMeta {
  const [sizes, strides] = text.split("@").map((t) =>
    t
      .trim()
      .split(/,(?![^(]*\))/)
      .filter(Boolean)
      .map(size),
  ); // commas outside parentheses
  return {
    dtype: "f32",
    sizes: sizes!,
    strides: strides!,
    storageOffset: 0,
    requiresGrad: false,
    device: { type: "cpu", index: undefined },
    layout: "strided",
  };
}
const ranges: Readonly<Record<string, number>> = { n: 2, m: 2, k: 1 };
const sharing = (before: string, after: string) =>
  sharesMemory(meta(before), meta(after), (s) => ({ min: ranges[s] ?? 2, max: Infinity }));

describe("of known sizes", () => {
  test.each([
    ["rows joined", "3,4 @ 4,1", "12 @ 1", "view"],
    ["rows split", "12 @ 1", "3,4 @ 4,1", "view"],
    ["a transpose joined", "4,3 @ 1,4", "12 @ 1", "copy"],
    ["a transpose split", "4,6 @ 1,4", "4,2,3 @ 1,12,4", "view"],
    ["columns joined", "3,2 @ 4,1", "6 @ 1", "copy"],
    ["columns split", "3,2 @ 4,1", "3,2,1 @ 4,1,1", "view"],
    ["an axis of one element has any stride", "1,4 @ 99,1", "4 @ 1", "view"],
    ["channels last, spatial axes joined", "2,3,2,4 @ 24,1,12,3", "2,3,8 @ 24,1,3", "view"],
    ["channels last, all joined", "2,3,2,4 @ 24,1,12,3", "48 @ 1", "copy"],
    ["made contiguous as it was", "3,4 @ 4,1", "3,4 @ 4,1", "view"],
    ["made contiguous", "4,3 @ 1,4", "4,3 @ 3,1", "copy"],
    ["made channels last", "2,3,2,4 @ 24,8,4,1", "2,3,2,4 @ 24,1,12,3", "copy"],
    ["a scalar", " @ ", "1 @ 1", "view"],
    ["nothing at all", "0,4 @ 4,1", "0 @ 1", "view"],
    ["something repeated", "3,4 @ 0,1", "12 @ 1", "copy"],
  ])("%s: %s to %s: %s", (_, before, after, wanted) => expect(sharing(before, after)).toBe(wanted));
});

describe("of sizes that only a run knows", () => {
  test.each([
    ["rows joined", "n,m @ m,1", "n*m @ 1", "view"],
    ["a transpose joined", "m,n @ 1,m", "n*m @ 1", "copy"],
    ["rows split", "n,6 @ 6,1", "n,2,3 @ 6,3,1", "view"],
    ["halves joined", "2,FloorDiv(n,2),4 @ 4*FloorDiv(n,2),4,1", "2*FloorDiv(n,2),4 @ 4,1", "view"],
    ["heads of attention", "n,8,m,16 @ 128*m,16,128,1", "n,m,128 @ 128*m,128,1", "copy"],
    ["a transpose that may have one row", "4,k @ 1,4", "4*k @ 1", "unknown"],
    ["an extent that nobody can compute", "n,m @ m,1", "n*OpaqueUnaryFn_sqrt(m) @ 1", "unknown"],
  ])("%s: %s to %s: %s", (_, before, after, wanted) => expect(sharing(before, after)).toBe(wanted));
});

test("another device has other memory", () => {
  const there = { ...meta("4 @ 1"), device: { type: "cuda", index: 0 } };
  expect(sharesMemory(there, meta("4 @ 1"), () => ({ min: 0, max: 9 }))).toBe("copy");
});
