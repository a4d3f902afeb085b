import { tensor, tensorData } from "@tflower/core";
import { describe, test } from "vitest";
import * as tfl from "../../src/dialect/index.ts";
import { expectClose, valuesOf } from "./run-op.ts";

// expected values are those of the LiteRT kernels
describe("reference semantics", () => {
  test("cast: floats to i8", () => {
    expectClose(
      valuesOf(
        tfl.cast,
        { input: tensorData("f32", [9], [0, -0, 1.9, -1.9, 300, -300, NaN, Infinity, -Infinity]) },
        { out_data_type: "i8" },
      ),
      [0, 0, 1, -1, 127, -128, 127, 127, -128],
    );
  });
  test("cast: floats to u8", () => {
    expectClose(
      valuesOf(
        tfl.cast,
        { input: tensorData("f32", [9], [0, -0, 1.9, -1.9, 300, -300, NaN, Infinity, -Infinity]) },
        { out_data_type: "u8" },
      ),
      [0, 0, 1, 0, 255, 0, 255, 255, 0],
    );
  });
  test("cast: floats to i16", () => {
    expectClose(
      valuesOf(
        tfl.cast,
        { input: tensorData("f32", [9], [0, -0, 1.9, -1.9, 300, -300, NaN, Infinity, -Infinity]) },
        { out_data_type: "i16" },
      ),
      [0, 0, 1, -1, 300, -300, 32767, 32767, -32768],
    );
  });
  test("cast: floats to i32", () => {
    expectClose(
      valuesOf(
        tfl.cast,
        { input: tensorData("f32", [9], [0, -0, 1.9, -1.9, 300, -300, NaN, Infinity, -Infinity]) },
        { out_data_type: "i32" },
      ),
      [0, 0, 1, -1, 300, -300, 2147483647, 2147483647, -2147483648],
    );
  });
  test("cast: floats to i64", () => {
    expectClose(
      valuesOf(
        tfl.cast,
        { input: tensorData("f32", [9], [0, -0, 1.9, -1.9, 300, -300, NaN, Infinity, -Infinity]) },
        { out_data_type: "i64" },
      ),
      [
        0,
        0,
        1,
        -1,
        300,
        -300,
        Number(9223372036854775807n),
        Number(9223372036854775807n),
        Number(-9223372036854775808n),
      ],
    );
  });
  test("cast: floats to bool", () => {
    expectClose(
      valuesOf(
        tfl.cast,
        { input: tensorData("f32", [9], [0, -0, 1.9, -1.9, 300, -300, NaN, Infinity, -Infinity]) },
        { out_data_type: "bool" },
      ),
      [0, 0, 1, 1, 1, 1, 1, 1, 1],
    );
  });
  test("cast: wraps", () => {
    expectClose(
      valuesOf(
        tfl.cast,
        { input: tensorData("i64", [4], [300n, -1n, 2n ** 33n + 5n, -(2n ** 31n) - 1n]) },
        { out_data_type: "i32" },
      ),
      [300, -1, 5, 2147483647],
    );
  });
  test("cast: wraps to bytes", () => {
    expectClose(
      valuesOf(tfl.cast, { input: tensorData("i32", [4], [300, -1, 128, -129]) }, { out_data_type: "i8" }),
      [44, -1, -128, 127],
    );
  });
  test("cast: wraps to unsigned bytes", () => {
    expectClose(
      valuesOf(tfl.cast, { input: tensorData("i32", [4], [300, -1, 128, -129]) }, { out_data_type: "u8" }),
      [44, 255, 128, 127],
    );
  });
  test("cast: bool to float", () => {
    expectClose(valuesOf(tfl.cast, { input: tensorData("bool", [2], [0, 1]) }, { out_data_type: "f32" }), [0, 1]);
  });
  test("cast: to half precision", () => {
    expectClose(valuesOf(tfl.cast, { input: tensorData("f32", [3], [0.1, 70000, 1e-8]) }, { out_data_type: "f16" }), [
      0.09997559,
      Infinity,
      0,
    ]);
  });
  test("bitcast: bits", () => {
    expectClose(
      valuesOf(tfl.bitcast, { input: tensorData("f32", [2], [1, -2]) }, undefined, [tensor("i32", [2])]),
      [1065353216, -1073741824],
    );
  });
});
