import { tensor, tensorData } from "@tflower/core";
import { describe, test } from "vitest";
import * as tfl from "../../src/dialect/index.ts";
import { expectClose, iota, runOp, valuesOf } from "./run-op.ts";

// expected values are those of the LiteRT kernels
describe("reference semantics", () => {
  test("topkV2: ties", () => {
    const results = runOp(
      tfl.topkV2,
      { input: tensorData("f32", [2, 4], [1, 3, 3, 2, -1, -Infinity, 0, -1]) },
      { k: 3 },
    );
    expectClose(Array.from(results[0]!.data, Number), [3, 3, 2, 0, -1, -1]);
    expectClose(Array.from(results[1]!.data, Number), [1, 2, 3, 2, 0, 3]);
  });
  test("topkV2: of integers", () => {
    const results = runOp(tfl.topkV2, { input: tensorData("i64", [4], [5n, 2n ** 60n, 2n ** 60n + 1n, 5n]) }, { k: 2 });
    expectClose(Array.from(results[0]!.data, Number), [Number(1152921504606846977n), Number(1152921504606846976n)]);
    expectClose(Array.from(results[1]!.data, Number), [2, 1]);
  });
  test("unique: first appearance", () => {
    const results = runOp(tfl.unique, { input: tensorData("i32", [5], [7, 3, 7, 1, 3]) }, { idx_out_type: "i64" }, [
      tensor("i32", [3]),
      tensor("i64", [5]),
    ]);
    expectClose(Array.from(results[0]!.data, Number), [7, 3, 1]);
    expectClose(Array.from(results[1]!.data, Number), [0, 1, 0, 2, 1]);
  });
  test("argMax: first of equals", () => {
    expectClose(
      valuesOf(tfl.argMax, { input: tensorData("f32", [2, 3], [1, 3, 3, 5, 5, -1]) }, { axis: -1, output_type: "i64" }),
      [1, 0],
    );
  });
  test("argMin: first of equals", () => {
    expectClose(
      valuesOf(tfl.argMin, { input: tensorData("f32", [2, 3], [1, 3, 1, 5, 5, -1]) }, { axis: 0 }),
      [0, 0, 1],
    );
  });
  test("cumsum: forwards", () => {
    expectClose(valuesOf(tfl.cumsum, { input: iota("f32", [2, 3]) }, { axis: 1 }), [0, 1, 3, 3, 7, 12]);
  });
  test("cumsum: backwards without itself", () => {
    expectClose(
      valuesOf(tfl.cumsum, { input: iota("i64", [2, 3]) }, { axis: 0, exclusive: true, reverse: true }),
      [3, 4, 5, 0, 0, 0],
    );
  });
});
