import { describe, expect, test } from "vitest";
import { numberDType } from "../../src/import/to-attr.ts";
import { imported } from "../support/imported.ts";

// that the results are PyTorch's is tested for all of them in every-program.test.ts
describe("a Python number beside a tensor is a tensor of rank 0 that does not widen it", () => {
  test.each([
    ["int", "f32", "f32"],
    ["int", "i8", "i8"],
    ["int", "bool", "i64"],
    ["int", "c64", "c64"],
    ["float", "i64", "f32"],
    ["float", "bool", "f32"],
    ["float", "f64", "f64"],
    ["float", "c64", "c64"],
    ["bool", "i32", "i32"],
    ["bool", "bool", "bool"],
    ["complex", "f32", "c64"],
    ["complex", "f64", "c128"],
    ["complex", "c64", "c64"],
  ] as const)("%s beside %s: %s", (number, beside, wanted) =>
    expect(numberDType(number, { dtype: beside, rank: 1 })).toBe(wanted),
  );
  test("beside half precision it keeps its own", () => {
    expect(numberDType("float", { dtype: "f16", rank: 2 })).toBe("f32");
    expect(numberDType("int", { dtype: "bf16", rank: 2 })).toBe("f32");
    expect(numberDType("float", { dtype: "f16", rank: 0 })).toBe("f16");
  });
  test("beside nothing it is what torch.tensor makes of it", () => {
    expect((["bool", "int", "float", "complex"] as const).map((n) => numberDType(n, undefined))).toEqual([
      "bool",
      "i64",
      "f32",
      "c64",
    ]);
  });
});

test("numbers out of the range of a small type wrap around as in PyTorch", async () => {
  expect((await imported("number-beside-i8-vector")).text).toContain("const [44] : i8[]");
});
