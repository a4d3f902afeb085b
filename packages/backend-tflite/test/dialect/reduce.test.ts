import { tensorData } from "@tflower/core";
import { describe, test } from "vitest";
import * as tfl from "../../src/dialect/index.ts";
import { expectClose, iota, valuesOf } from "./run-op.ts";

// expected values are those of the LiteRT kernels
describe("reference semantics", () => {
  test("sum: axes", () => {
    expectClose(valuesOf(tfl.sum, { input: iota("f32", [2, 3, 2], -3, 0.7) }, { axes: [0, -1] }), [-2.2, 3.4, 9]);
  });
  test("sum: NaN and infinities", () => {
    expectClose(
      valuesOf(
        tfl.sum,
        {
          input: tensorData(
            "f32",
            [5, 3],
            [NaN, 1, 2, 1, NaN, 2, 1, 2, NaN, Infinity, -Infinity, 1, -Infinity, -Infinity, -Infinity],
          ),
        },
        { axes: [1], keep_dims: true },
      ),
      [NaN, NaN, NaN, NaN, -Infinity],
    );
  });
  test("sum: integers", () => {
    expectClose(valuesOf(tfl.sum, { input: iota("i32", [2, 4], -5, 3) }, { axes: [1] }), [-2, 46]);
  });
  test("sum: nothing", () => {
    expectClose(valuesOf(tfl.sum, { input: tensorData("f32", [2, 0], []) }, { axes: [1] }), [0, 0]);
  });
  test("mean: axes", () => {
    expectClose(
      valuesOf(tfl.mean, { input: iota("f32", [2, 3, 2], -3, 0.7) }, { axes: [0, -1] }),
      [-0.5500001, 0.8499999, 2.25],
    );
  });
  test("mean: NaN and infinities", () => {
    expectClose(
      valuesOf(
        tfl.mean,
        {
          input: tensorData(
            "f32",
            [5, 3],
            [NaN, 1, 2, 1, NaN, 2, 1, 2, NaN, Infinity, -Infinity, 1, -Infinity, -Infinity, -Infinity],
          ),
        },
        { axes: [1], keep_dims: true },
      ),
      [NaN, NaN, NaN, NaN, -Infinity],
    );
  });
  test("mean: integers", () => {
    expectClose(valuesOf(tfl.mean, { input: iota("i32", [2, 4], -5, 3) }, { axes: [1] }), [0, 11]);
  });
  test("mean: nothing", () => {
    expectClose(valuesOf(tfl.mean, { input: tensorData("f32", [2, 0], []) }, { axes: [1] }), [NaN, NaN]);
  });
  test("reduceProd: axes", () => {
    expectClose(
      valuesOf(tfl.reduceProd, { input: iota("f32", [2, 3, 2], -3, 0.7) }, { axes: [0, -1] }),
      [15.732, 12.3552, -1.88],
    );
  });
  test("reduceProd: NaN and infinities", () => {
    expectClose(
      valuesOf(
        tfl.reduceProd,
        {
          input: tensorData(
            "f32",
            [5, 3],
            [NaN, 1, 2, 1, NaN, 2, 1, 2, NaN, Infinity, -Infinity, 1, -Infinity, -Infinity, -Infinity],
          ),
        },
        { axes: [1], keep_dims: true },
      ),
      [NaN, NaN, NaN, -Infinity, -Infinity],
    );
  });
  test("reduceProd: integers", () => {
    expectClose(valuesOf(tfl.reduceProd, { input: iota("i32", [2, 4], -5, 3) }, { axes: [1] }), [40, 14560]);
  });
  test("reduceProd: nothing", () => {
    expectClose(valuesOf(tfl.reduceProd, { input: tensorData("f32", [2, 0], []) }, { axes: [1] }), [1, 1]);
  });
  test("reduceMax: axes", () => {
    expectClose(
      valuesOf(tfl.reduceMax, { input: iota("f32", [2, 3, 2], -3, 0.7) }, { axes: [0, -1] }),
      [1.9, 3.3, 4.7],
    );
  });
  test("reduceMax: NaN and infinities", () => {
    expectClose(
      valuesOf(
        tfl.reduceMax,
        {
          input: tensorData(
            "f32",
            [5, 3],
            [NaN, 1, 2, 1, NaN, 2, 1, 2, NaN, Infinity, -Infinity, 1, -Infinity, -Infinity, -Infinity],
          ),
        },
        { axes: [1], keep_dims: true },
      ),
      [2, 2, NaN, Infinity, -Infinity],
    );
  });
  test("reduceMax: integers", () => {
    expectClose(valuesOf(tfl.reduceMax, { input: iota("i32", [2, 4], -5, 3) }, { axes: [1] }), [4, 16]);
  });
  test("reduceMax: nothing", () => {
    expectClose(valuesOf(tfl.reduceMax, { input: tensorData("f32", [2, 0], []) }, { axes: [1] }), [
      -Infinity,
      -Infinity,
    ]);
  });
  test("reduceMin: axes", () => {
    expectClose(
      valuesOf(tfl.reduceMin, { input: iota("f32", [2, 3, 2], -3, 0.7) }, { axes: [0, -1] }),
      [-3, -1.6, -0.2],
    );
  });
  test("reduceMin: NaN and infinities", () => {
    expectClose(
      valuesOf(
        tfl.reduceMin,
        {
          input: tensorData(
            "f32",
            [5, 3],
            [NaN, 1, 2, 1, NaN, 2, 1, 2, NaN, Infinity, -Infinity, 1, -Infinity, -Infinity, -Infinity],
          ),
        },
        { axes: [1], keep_dims: true },
      ),
      [1, 2, NaN, -Infinity, -Infinity],
    );
  });
  test("reduceMin: integers", () => {
    expectClose(valuesOf(tfl.reduceMin, { input: iota("i32", [2, 4], -5, 3) }, { axes: [1] }), [-5, 7]);
  });
  test("reduceMin: nothing", () => {
    expectClose(valuesOf(tfl.reduceMin, { input: tensorData("f32", [2, 0], []) }, { axes: [1] }), [Infinity, Infinity]);
  });
  test("sum: wraps", () => {
    expectClose(valuesOf(tfl.sum, { input: tensorData("i32", [2], [2147483647, 1]) }, { axes: [0] }), [-2147483648]);
  });
  test("mean: of 64-bit integers", () => {
    expectClose(valuesOf(tfl.mean, { input: tensorData("i64", [3], [-1, -2, -4]) }, { axes: [0] }), [-2]);
  });
  test("reduceAny: one", () => {
    expectClose(valuesOf(tfl.reduceAny, { input: tensorData("bool", [2, 2], [0, 1, 0, 0]) }, { axes: [1] }), [1, 0]);
  });
  test("reduceAll: all", () => {
    expectClose(valuesOf(tfl.reduceAll, { input: tensorData("bool", [2, 2], [0, 1, 1, 1]) }, { axes: [1] }), [0, 1]);
  });
});
