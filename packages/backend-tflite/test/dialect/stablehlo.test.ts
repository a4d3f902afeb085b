import { tensorData } from "@tflower/core";
import { describe, test } from "vitest";
import * as tfl from "../../src/dialect/index.ts";
import { expectClose, iota, valuesOf } from "./run-op.ts";

// expected values are those of the LiteRT kernels
describe("reference semantics", () => {
  test("stablehloAdd: by element", () => {
    expectClose(valuesOf(tfl.stablehloAdd, { lhs: iota("i64", [2]), rhs: iota("i64", [2], 5) }), [5, 7]);
  });
  test("stablehloMultiply: by element", () => {
    expectClose(valuesOf(tfl.stablehloMultiply, { lhs: iota("i32", [2]), rhs: iota("i32", [2], 5) }), [0, 6]);
  });
  test("stablehloMaximum: by element", () => {
    expectClose(valuesOf(tfl.stablehloMaximum, { lhs: iota("i32", [2]), rhs: iota("i32", [2], 1, -1) }), [1, 1]);
  });
  test("stablehloMinimum: by element", () => {
    expectClose(valuesOf(tfl.stablehloMinimum, { lhs: iota("i32", [2]), rhs: iota("i32", [2], 1, -1) }), [0, 0]);
  });
  test("stablehloAnd: bits", () => {
    expectClose(
      valuesOf(tfl.stablehloAnd, { lhs: tensorData("i32", [2], [12, -1]), rhs: tensorData("i32", [2], [10, 7]) }),
      [8, 7],
    );
  });
  test("stablehloShiftLeft: bits", () => {
    expectClose(
      valuesOf(tfl.stablehloShiftLeft, { lhs: tensorData("i32", [2], [3, -1]), rhs: tensorData("i32", [2], [4, 31]) }),
      [48, -2147483648],
    );
  });
  test("stablehloPad: pads, cuts and spreads", () => {
    expectClose(
      valuesOf(
        tfl.stablehloPad,
        { input: iota("f32", [2, 3], 1), padding_value: tensorData("f32", [], [-1]) },
        { edge_padding_low: [1, -1], edge_padding_high: [0, 1], interior_padding: [1, 0] },
      ),
      [-1, -1, -1, 2, 3, -1, -1, -1, -1, 5, 6, -1],
    );
  });
  test("dilate: spreads", () => {
    expectClose(
      valuesOf(
        tfl.dilate,
        { input: iota("f32", [2, 2], 1), padding_value: tensorData("f32", [], [0]) },
        { dilations: [2, 3] },
      ),
      [1, 0, 0, 2, 0, 0, 0, 0, 3, 0, 0, 4],
    );
  });
  test("reduceWindow: folds", () => {
    expectClose(
      valuesOf(
        tfl.reduceWindow,
        { input: iota("f32", [3, 4], 1), init_value: tensorData("f32", [], [1]) },
        { window_dimensions: [2, 2], window_strides: [1, 1], window_dilations: [1, 2], reduce_function: "MUL" },
      ),
      [105, 384, 3465, 5760],
    );
  });
});
