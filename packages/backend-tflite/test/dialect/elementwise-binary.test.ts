import { tensorData } from "@tflower/core";
import { describe, test } from "vitest";
import * as tfl from "../../src/dialect/index.ts";
import { expectClose, iota, valuesOf } from "./run-op.ts";

// expected values are those of the LiteRT kernels
describe("reference semantics", () => {
  test("add: special values", () => {
    expectClose(
      valuesOf(tfl.add, {
        lhs: tensorData("f32", [10], [NaN, Infinity, -Infinity, -0, 0, 0.5, -0.5, 2.5, -2.5, 7]),
        rhs: tensorData("f32", [2, 1], [1, NaN]),
      }),
      [NaN, Infinity, -Infinity, 1, 1, 1.5, 0.5, 3.5, -1.5, 8, NaN, NaN, NaN, NaN, NaN, NaN, NaN, NaN, NaN, NaN],
    );
  });
  test("sub: special values", () => {
    expectClose(
      valuesOf(tfl.sub, {
        lhs: tensorData("f32", [10], [NaN, Infinity, -Infinity, -0, 0, 0.5, -0.5, 2.5, -2.5, 7]),
        rhs: tensorData("f32", [2, 1], [1, NaN]),
      }),
      [NaN, Infinity, -Infinity, -1, -1, -0.5, -1.5, 1.5, -3.5, 6, NaN, NaN, NaN, NaN, NaN, NaN, NaN, NaN, NaN, NaN],
    );
  });
  test("mul: special values", () => {
    expectClose(
      valuesOf(tfl.mul, {
        lhs: tensorData("f32", [10], [NaN, Infinity, -Infinity, -0, 0, 0.5, -0.5, 2.5, -2.5, 7]),
        rhs: tensorData("f32", [2, 1], [1, NaN]),
      }),
      [NaN, Infinity, -Infinity, -0, 0, 0.5, -0.5, 2.5, -2.5, 7, NaN, NaN, NaN, NaN, NaN, NaN, NaN, NaN, NaN, NaN],
    );
  });
  test("maximum: special values", () => {
    expectClose(
      valuesOf(tfl.maximum, {
        lhs: tensorData("f32", [10], [NaN, Infinity, -Infinity, -0, 0, 0.5, -0.5, 2.5, -2.5, 7]),
        rhs: tensorData("f32", [2, 1], [1, NaN]),
      }),
      [1, Infinity, 1, 1, 1, 1, 1, 2.5, 1, 7, NaN, NaN, NaN, NaN, NaN, NaN, NaN, NaN, NaN, NaN],
    );
  });
  test("minimum: special values", () => {
    expectClose(
      valuesOf(tfl.minimum, {
        lhs: tensorData("f32", [10], [NaN, Infinity, -Infinity, -0, 0, 0.5, -0.5, 2.5, -2.5, 7]),
        rhs: tensorData("f32", [2, 1], [1, NaN]),
      }),
      [1, 1, -Infinity, -0, 0, 0.5, -0.5, 1, -2.5, 1, NaN, NaN, NaN, NaN, NaN, NaN, NaN, NaN, NaN, NaN],
    );
  });
  test("div: special values", () => {
    expectClose(
      valuesOf(tfl.div, {
        lhs: tensorData("f32", [10], [NaN, Infinity, -Infinity, -0, 0, 0.5, -0.5, 2.5, -2.5, 7]),
        rhs: tensorData("f32", [3, 1], [2, Infinity, 0]),
      }),
      [
        NaN,
        Infinity,
        -Infinity,
        -0,
        0,
        0.25,
        -0.25,
        1.25,
        -1.25,
        3.5,
        NaN,
        NaN,
        NaN,
        -0,
        0,
        0,
        -0,
        0,
        -0,
        0,
        NaN,
        Infinity,
        -Infinity,
        NaN,
        NaN,
        Infinity,
        -Infinity,
        Infinity,
        -Infinity,
        Infinity,
      ],
    );
  });
  test("pow: special values", () => {
    expectClose(
      valuesOf(tfl.pow, {
        lhs: tensorData("f32", [7], [NaN, 1, -1, 0, -0, 2, -2]),
        rhs: tensorData("f32", [5, 1], [NaN, Infinity, 0, -1, 3]),
      }),
      [
        NaN,
        1,
        NaN,
        NaN,
        NaN,
        NaN,
        NaN,
        NaN,
        1,
        1,
        0,
        0,
        Infinity,
        Infinity,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        NaN,
        1,
        -1,
        Infinity,
        -Infinity,
        0.5,
        -0.5,
        NaN,
        1,
        -1,
        0,
        -0,
        8,
        -8,
      ],
    );
  });
  test("add: broadcasts and clamps", () => {
    expectClose(
      valuesOf(
        tfl.add,
        { lhs: iota("f32", [2, 1, 3], -3, 0.7), rhs: iota("f32", [2, 1], 1, 2) },
        { fused_activation_function: "RELU6" },
      ),
      [0, 0, 0, 0, 0.7, 1.4, 0.1, 0.8, 1.5, 2.1, 2.8, 3.5],
    );
  });
  test("mul: clamps integers", () => {
    expectClose(
      valuesOf(
        tfl.mul,
        { lhs: iota("i32", [5], -2), rhs: tensorData("i32", [], [1]) },
        { fused_activation_function: "RELU_N1_TO_1" },
      ),
      [-1, -1, 0, 1, 1],
    );
  });
  test("sub: clamps 64-bit integers", () => {
    expectClose(
      valuesOf(
        tfl.sub,
        { lhs: iota("i64", [5], -2, 3), rhs: tensorData("i64", [1], [1]) },
        { fused_activation_function: "RELU6" },
      ),
      [0, 0, 3, 6, 6],
    );
  });
  test("mul: wraps", () => {
    expectClose(
      valuesOf(tfl.mul, {
        lhs: tensorData("i32", [3], [65536, -2147483648, 2147483647]),
        rhs: tensorData("i32", [3], [65536, -1, 3]),
      }),
      [0, -2147483648, 2147483645],
    );
  });
  test("div: rounds integers towards zero", () => {
    expectClose(
      valuesOf(tfl.div, { lhs: tensorData("i32", [4], [7, -7, 7, -7]), rhs: tensorData("i32", [4], [2, 2, -2, -2]) }),
      [3, -3, -3, 3],
    );
  });
  test("floorDiv: rounds integers down", () => {
    expectClose(
      valuesOf(tfl.floorDiv, {
        lhs: tensorData("i32", [4], [7, -7, 7, -7]),
        rhs: tensorData("i32", [4], [2, 2, -2, -2]),
      }),
      [3, -4, -4, 3],
    );
  });
  test("floorDiv: rounds floats down, from doubles", () => {
    expectClose(
      valuesOf(tfl.floorDiv, {
        lhs: tensorData("f32", [4], [1.5, -7, 7, -1.5]),
        rhs: tensorData("f32", [4], [0.3, 2, -2, 0.3]),
      }),
      [4, -4, -4, -5],
    );
  });
  test("floorMod: has the divisor's sign", () => {
    expectClose(
      valuesOf(tfl.floorMod, {
        lhs: tensorData("i64", [4], [7, -7, 7, -7]),
        rhs: tensorData("i64", [4], [3, 3, -3, -3]),
      }),
      [1, 2, -2, -1],
    );
  });
  test("floorMod: has the divisor's sign among floats", () => {
    expectClose(
      valuesOf(tfl.floorMod, {
        lhs: tensorData("f32", [6], [7, -7, 7, -7, 1, Infinity]),
        rhs: tensorData("f32", [6], [3, 3, -3, -3, 0, 2]),
      }),
      [1, 2, -2, -1, NaN, NaN],
    );
  });
  test("pow: does not fit", () => {
    expectClose(
      valuesOf(tfl.pow, { lhs: tensorData("i32", [4], [2, -3, 10, -8]), rhs: tensorData("i32", [4], [10, 3, 10, 11]) }),
      [1024, -27, -2147483648, -2147483648],
    );
  });
  test("squaredDifference: squares", () => {
    expectClose(
      valuesOf(tfl.squaredDifference, { lhs: iota("f32", [3], -3, 0.7), rhs: iota("f32", [2, 1], -3, 0.7) }),
      [0, 0.4900001, 1.96, 0.4900001, 0, 0.4899999],
    );
  });
  test("atan2: quadrants", () => {
    expectClose(
      valuesOf(tfl.atan2, {
        y: tensorData("f32", [5], [1, 1, -1, -1, 0]),
        x: tensorData("f32", [5], [1, -1, 1, -1, -1]),
      }),
      [0.7853982, 2.356194, -0.7853982, -2.356194, Math.PI],
    );
  });
  test("addN: adds all", () => {
    expectClose(
      valuesOf(tfl.addN, { inputs: [iota("f32", [3], -3, 0.7), iota("f32", [3], -3, 0.7), iota("f32", [3], -3, 0.7)] }),
      [-9, -6.9, -4.8],
    );
  });
  test("fakeQuant: nudges zero", () => {
    expectClose(
      valuesOf(tfl.fakeQuant, { input: iota("f32", [8], -1.5, 0.53) }, { min: -1.1, max: 2.3, num_bits: 4 }),
      [-1.133333, -0.9066666, -0.4533333, 0, 0.6800001, 1.133333, 1.586667, 2.266667],
    );
  });
});
