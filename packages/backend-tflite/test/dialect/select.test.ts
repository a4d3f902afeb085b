import { tensor, tensorData } from "@tflower/core";
import { describe, test } from "vitest";
import * as tfl from "../../src/dialect/index.ts";
import { expectClose, iota, valuesOf } from "./run-op.ts";

// expected values are those of the LiteRT kernels
describe("reference semantics", () => {
  test("select: by row", () => {
    expectClose(
      valuesOf(tfl.select, {
        condition: tensorData("bool", [2], [0, 1]),
        x: iota("f32", [2, 3]),
        y: iota("f32", [2, 3], -9),
      }),
      [-9, -8, -7, 3, 4, 5],
    );
  });
  test("select: by element", () => {
    expectClose(
      valuesOf(tfl.select, {
        condition: tensorData("bool", [3], [0, 1, 1]),
        x: iota("i64", [3]),
        y: iota("i64", [3], -9),
      }),
      [-9, 1, 2],
    );
  });
  test("select: by all", () => {
    expectClose(
      valuesOf(tfl.select, {
        condition: tensorData("bool", [], [1]),
        x: iota("f32", [2, 3]),
        y: iota("f32", [2, 3], -9),
      }),
      [0, 1, 2, 3, 4, 5],
    );
  });
  test("selectV2: broadcasts", () => {
    expectClose(
      valuesOf(tfl.selectV2, {
        condition: tensorData("bool", [2, 1], [0, 1]),
        x: iota("f32", [3]),
        y: tensorData("f32", [], [NaN]),
      }),
      [NaN, NaN, NaN, 0, 1, 2],
    );
  });
  test("where: NaN counts", () => {
    expectClose(
      valuesOf(tfl.where, { condition: tensorData("f32", [2, 3], [1, 0, NaN, -0, 0, 2]) }, undefined, [
        tensor("i64", [3, 2]),
      ]),
      [0, 0, 0, 2, 1, 2],
    );
  });
});
