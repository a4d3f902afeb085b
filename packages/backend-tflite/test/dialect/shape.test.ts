import { tensorData } from "@tflower/core";
import { describe, test } from "vitest";
import * as tfl from "../../src/dialect/index.ts";
import { expectClose, iota, valuesOf } from "./run-op.ts";

// expected values are those of the LiteRT kernels
describe("reference semantics", () => {
  test("shape: as a list", () => {
    expectClose(valuesOf(tfl.shape, { input: iota("f32", [2, 3]) }, { out_type: "i64" }), [2, 3]);
  });
  test("rank: axes", () => {
    expectClose(valuesOf(tfl.rank, { input: iota("f32", [2, 3]) }), [2]);
  });
  test("fill: everywhere", () => {
    expectClose(valuesOf(tfl.fill, { value: tensorData("i64", [], [7]) }, { dims: [2, 2] }), [7, 7, 7, 7]);
  });
  test("zerosLike: nothing", () => {
    expectClose(valuesOf(tfl.zerosLike, { input: iota("f32", [2], 5) }), [0, 0]);
  });
  test("range: falls", () => {
    expectClose(valuesOf(tfl.range, {}, { start: 3, limit: -4, delta: -2 }), [3, 1, -1, -3]);
  });
  test("range: is empty", () => {
    expectClose(valuesOf(tfl.range, {}, { start: 3, limit: 3 }), []);
  });
  test("broadcastArgs: broadcasts shapes", () => {
    expectClose(
      valuesOf(tfl.broadcastArgs, { s0: tensorData("i32", [3], [2, 1, 3]), s1: tensorData("i32", [2], [4, 1]) }),
      [2, 4, 3],
    );
  });
  test("bucketize: counts boundaries", () => {
    expectClose(
      valuesOf(tfl.bucketize, { input: tensorData("f32", [6], [-1, 0, 0.5, 3, NaN, 9]) }, { boundaries: [0, 3, 5] }),
      [0, 1, 1, 2, 3, 3],
    );
  });
});
