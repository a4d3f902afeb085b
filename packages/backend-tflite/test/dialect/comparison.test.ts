import { tensorData } from "@tflower/core";
import { describe, test } from "vitest";
import * as tfl from "../../src/dialect/index.ts";
import { expectClose, valuesOf } from "./run-op.ts";

// expected values are those of the LiteRT kernels
describe("reference semantics", () => {
  test("equal: special values", () => {
    expectClose(
      valuesOf(tfl.equal, {
        lhs: tensorData("f32", [4], [NaN, 0, -0, Infinity]),
        rhs: tensorData("f32", [3, 1], [NaN, 0, Infinity]),
      }),
      [0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1],
    );
  });
  test("equal: 64-bit integers beyond doubles", () => {
    expectClose(
      valuesOf(tfl.equal, {
        lhs: tensorData("i64", [3], [2n ** 60n, 2n ** 60n + 1n, 5n]),
        rhs: tensorData("i64", [3], [2n ** 60n + 1n, 2n ** 60n, 5n]),
      }),
      [0, 0, 1],
    );
  });
  test("notEqual: special values", () => {
    expectClose(
      valuesOf(tfl.notEqual, {
        lhs: tensorData("f32", [4], [NaN, 0, -0, Infinity]),
        rhs: tensorData("f32", [3, 1], [NaN, 0, Infinity]),
      }),
      [1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 0],
    );
  });
  test("notEqual: 64-bit integers beyond doubles", () => {
    expectClose(
      valuesOf(tfl.notEqual, {
        lhs: tensorData("i64", [3], [2n ** 60n, 2n ** 60n + 1n, 5n]),
        rhs: tensorData("i64", [3], [2n ** 60n + 1n, 2n ** 60n, 5n]),
      }),
      [1, 1, 0],
    );
  });
  test("less: special values", () => {
    expectClose(
      valuesOf(tfl.less, {
        lhs: tensorData("f32", [4], [NaN, 0, -0, Infinity]),
        rhs: tensorData("f32", [3, 1], [NaN, 0, Infinity]),
      }),
      [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0],
    );
  });
  test("less: 64-bit integers beyond doubles", () => {
    expectClose(
      valuesOf(tfl.less, {
        lhs: tensorData("i64", [3], [2n ** 60n, 2n ** 60n + 1n, 5n]),
        rhs: tensorData("i64", [3], [2n ** 60n + 1n, 2n ** 60n, 5n]),
      }),
      [1, 0, 0],
    );
  });
  test("lessEqual: special values", () => {
    expectClose(
      valuesOf(tfl.lessEqual, {
        lhs: tensorData("f32", [4], [NaN, 0, -0, Infinity]),
        rhs: tensorData("f32", [3, 1], [NaN, 0, Infinity]),
      }),
      [0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1, 1],
    );
  });
  test("lessEqual: 64-bit integers beyond doubles", () => {
    expectClose(
      valuesOf(tfl.lessEqual, {
        lhs: tensorData("i64", [3], [2n ** 60n, 2n ** 60n + 1n, 5n]),
        rhs: tensorData("i64", [3], [2n ** 60n + 1n, 2n ** 60n, 5n]),
      }),
      [1, 0, 1],
    );
  });
  test("greater: special values", () => {
    expectClose(
      valuesOf(tfl.greater, {
        lhs: tensorData("f32", [4], [NaN, 0, -0, Infinity]),
        rhs: tensorData("f32", [3, 1], [NaN, 0, Infinity]),
      }),
      [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0],
    );
  });
  test("greater: 64-bit integers beyond doubles", () => {
    expectClose(
      valuesOf(tfl.greater, {
        lhs: tensorData("i64", [3], [2n ** 60n, 2n ** 60n + 1n, 5n]),
        rhs: tensorData("i64", [3], [2n ** 60n + 1n, 2n ** 60n, 5n]),
      }),
      [0, 1, 0],
    );
  });
  test("greaterEqual: special values", () => {
    expectClose(
      valuesOf(tfl.greaterEqual, {
        lhs: tensorData("f32", [4], [NaN, 0, -0, Infinity]),
        rhs: tensorData("f32", [3, 1], [NaN, 0, Infinity]),
      }),
      [0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 1],
    );
  });
  test("greaterEqual: 64-bit integers beyond doubles", () => {
    expectClose(
      valuesOf(tfl.greaterEqual, {
        lhs: tensorData("i64", [3], [2n ** 60n, 2n ** 60n + 1n, 5n]),
        rhs: tensorData("i64", [3], [2n ** 60n + 1n, 2n ** 60n, 5n]),
      }),
      [0, 1, 1],
    );
  });
  test("logicalAnd: bool", () => {
    expectClose(
      valuesOf(tfl.logicalAnd, { lhs: tensorData("bool", [2, 1], [0, 1]), rhs: tensorData("bool", [2], [0, 1]) }),
      [0, 0, 0, 1],
    );
  });
  test("logicalOr: bool", () => {
    expectClose(
      valuesOf(tfl.logicalOr, { lhs: tensorData("bool", [2, 1], [0, 1]), rhs: tensorData("bool", [2], [0, 1]) }),
      [0, 1, 1, 1],
    );
  });
  test("logicalNot: bool", () => {
    expectClose(valuesOf(tfl.logicalNot, { input: tensorData("bool", [2], [0, 1]) }), [1, 0]);
  });
  test("bitwiseXor: bits", () => {
    expectClose(
      valuesOf(tfl.bitwiseXor, { lhs: tensorData("i8", [3], [-1, 5, 12]), rhs: tensorData("i8", [3], [3, 5, 10]) }),
      [-4, 0, 6],
    );
  });
  test("rightShift: keeps the sign", () => {
    expectClose(
      valuesOf(tfl.rightShift, {
        lhs: tensorData("i32", [4], [-8, -8, 8, 8]),
        rhs: tensorData("i32", [4], [1, 99, -3, 2]),
      }),
      [-4, -1, 8, 2],
    );
  });
  test("rightShift: of unsigned integers", () => {
    expectClose(
      valuesOf(tfl.rightShift, {
        lhs: tensorData("u32", [2], [4294967295, 2147483648]),
        rhs: tensorData("u32", [2], [3, 40]),
      }),
      [536870911, 1],
    );
  });
});
