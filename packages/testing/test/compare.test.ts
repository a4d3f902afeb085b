import { tensor, tensorData, wrap } from "@tflower/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  compareTensors,
  parseTensor,
  parseTolerance,
  showTensor,
  showTolerance,
  tensors,
  ulpDistance,
} from "../src/index.ts";
import { tensorMatchers } from "../src/vitest/index.ts";

expect.extend(tensorMatchers);
const f32 = (...v: number[]) => tensorData("f32", [v.length], v);

describe("ULP", () => {
  test("neighbours are one apart", () => {
    expect(ulpDistance(1, 1 + 2 ** -23)).toBe(1);
    expect(ulpDistance(1, 1 - 2 ** -24)).toBe(1);
    expect(ulpDistance(2 ** -149, -(2 ** -149))).toBe(2);
    expect(ulpDistance(0, -0)).toBe(0);
    expect(ulpDistance(1, 1 + 2 ** -52, "f64")).toBe(1);
    expect(ulpDistance(1, 1 + 2 ** -10, "f16")).toBe(1);
    expect(ulpDistance(1, 1 + 2 ** -7, "bf16")).toBe(1);
  });
  test("NaN and infinities are near themselves only", () => {
    expect(ulpDistance(Number.NaN, Number.NaN)).toBe(0);
    expect(ulpDistance(Number.NaN, 1)).toBe(Infinity);
    expect(ulpDistance(Infinity, 3.4028234663852886e38)).toBe(Infinity);
  });
});

describe("toBeCloseToTensor", () => {
  test("exactly, unless something else is said", () => {
    expect(f32(1, Number.NaN, Infinity, 0)).toBeCloseToTensor(f32(1, Number.NaN, Infinity, -0));
    expect(f32(1)).not.toBeCloseToTensor(f32(1 + 2 ** -23));
    expect(f32(0)).not.toBeCloseToTensor(f32(-0), { signedZero: true });
  });
  test("within ULP, a share of the largest element, an amount, a ratio", () => {
    expect(f32(1)).toBeCloseToTensor(f32(1 + 2 ** -22), { ulp: 2 });
    expect(f32(1)).not.toBeCloseToTensor(f32(1 + 2 ** -22), { ulp: 1 });
    expect(f32(1000, 0.001)).toBeCloseToTensor(f32(1000, 0.002), { rtol: 1e-5 });
    expect(f32(1, 0.001)).not.toBeCloseToTensor(f32(1, 0.002), { rtol: 1e-5 });
    expect(f32(1e-9)).toBeCloseToTensor(f32(0), { atol: 1e-8 });
    expect(f32(1, 1.001)).toBeCloseToTensor(f32(1, 1), { db: 60 });
    expect(f32(1, 1.1)).not.toBeCloseToTensor(f32(1, 1), { db: 60 });
    expect(f32(1, Number.NaN)).not.toBeCloseToTensor(f32(1, 1), { db: 60 });
  });
  test("integers are never close", () => {
    expect(tensorData("i32", [1], [1])).not.toBeCloseToTensor(tensorData("i32", [1], [2]), {
      ulp: 100,
      rtol: 1,
      atol: 5,
    });
    expect(tensorData("i64", [1], [2n ** 53n])).not.toBeCloseToTensor(tensorData("i64", [1], [2n ** 53n + 1n]));
  });
  test("neither are other types", () => {
    expect(f32(1)).not.toBeCloseToTensor(tensorData("f64", [1], [1]));
    expect(f32(1)).not.toBeCloseToTensor(tensorData("f32", [1, 1], [1]));
    expect("a tensor").not.toBeCloseToTensor(f32(1));
  });
  test("what it says names the worst element", () => {
    expect(() =>
      expect(tensorData("f32", [2, 2], [1, 2, 3, 5])).toBeCloseToTensor(tensorData("f32", [2, 2], [1, 2, 3, 4])),
    ).toThrow(/1 of 4 elements differ, the worst by 2097152 ULP: at \[1, 1\] expected 4, got 5/);
  });
});

describe("text", () => {
  test("of tensors reads back", () => {
    fc.assert(
      fc.property(
        tensors(),
        (t) => void expect(parseTensor(showTensor(t))).toBeCloseToTensor(t, { ulp: 0, signedZero: true }),
      ),
    );
  });
  test("of tolerances reads back", () => {
    const t = { ulp: 4, rtol: 1e-5, atol: 0.25, db: 80 };
    expect(parseTolerance(showTolerance(t).split(" "))).toEqual(t);
    expect(() => parseTolerance(["loose"])).toThrow(/expected a tolerance such as/);
  });
  test("a tensor is like itself", () => {
    fc.assert(fc.property(tensors(), (t) => compareTensors(t, t, { ulp: 0 }) === undefined));
  });
});

describe("codes", () => {
  const codes = (...v: number[]) => {
    const { data } = tensorData("i8", [v.length], v);
    return wrap(tensor("i8", [v.length], { scales: [0.5], zeroPoints: [3] }), data);
  };
  test("count in tensors that are quantized", () => {
    expect(compareTensors(codes(1, 2), codes(2, 1), { codes: 1 })).toBeUndefined();
    expect(compareTensors(codes(1, 2, 3), codes(2, 4, 7), { codes: 1 })).toEqual({
      index: [2],
      message: "2 of 3 elements differ by more than 1 code: at [2] expected 7, got 3",
    });
  });
  test("count nowhere else", () => {
    const plain = (v: number) => tensorData("i8", [1], [v]);
    expect(compareTensors(plain(1), plain(2), { codes: 1 })?.message).toBe(
      "1 of 1 elements differ: at [0] expected 2, got 1",
    );
    expect(compareTensors(codes(1), codes(2), { ulp: 4 })?.message).toBe(
      "1 of 1 elements differ: at [0] expected 2, got 1",
    );
  });
  test("are read and written", () => expect(showTolerance(parseTolerance(["codes=2"]))).toBe("codes=2"));
});
