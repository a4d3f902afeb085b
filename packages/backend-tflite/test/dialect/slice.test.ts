import { tensorData } from "@tflower/core";
import { describe, test } from "vitest";
import * as tfl from "../../src/dialect/index.ts";
import { expectClose, iota, valuesOf } from "./run-op.ts";

// expected values are those of the LiteRT kernels
describe("reference semantics", () => {
  test("slice: to the end", () => {
    expectClose(valuesOf(tfl.slice, { input: iota("f32", [3, 4]) }, { begin: [1, 2], size: [1, -1] }), [6, 7]);
  });
  test("stridedSlice: backwards, dropping an axis", () => {
    expectClose(
      valuesOf(
        tfl.stridedSlice,
        { input: iota("f32", [3, 4]) },
        { begin: [1, -1], end: [0, 0], strides: [1, -2], shrink_axis_mask: 1 },
      ),
      [7, 5],
    );
  });
  test("stridedSlice: beyond the beginning", () => {
    expectClose(
      valuesOf(tfl.stridedSlice, { input: iota("f32", [4]) }, { begin: [2], end: [-100], strides: [-1] }),
      [2, 1, 0],
    );
  });
  test("stridedSlice: nothing", () => {
    expectClose(valuesOf(tfl.stridedSlice, { input: iota("f32", [4]) }, { begin: [3], end: [1], strides: [1] }), []);
  });
  test("stridedSlice: masks", () => {
    expectClose(
      valuesOf(
        tfl.stridedSlice,
        { input: iota("f32", [2, 2, 3]) },
        { begin: [0, 0, 1], end: [0, 0, 3], strides: [1, 1, 1], ellipsis_mask: 1, new_axis_mask: 2 },
      ),
      [1, 2, 4, 5, 7, 8, 10, 11],
    );
  });
  test("stridedSlice: ends as offsets", () => {
    expectClose(
      valuesOf(
        tfl.stridedSlice,
        { input: iota("f32", [4, 3]) },
        { begin: [1, -2], end: [2, 2], strides: [1, 1], offset: true },
      ),
      [4, 5, 7, 8],
    );
  });
  test("dynamicUpdateSlice: moves inside", () => {
    expectClose(
      valuesOf(tfl.dynamicUpdateSlice, {
        operand: iota("f32", [3, 3]),
        update: iota("f32", [2, 2], -9),
        start_indices: tensorData("i32", [2], [2, -1]),
      }),
      [0, 1, 2, -9, -8, 5, -7, -6, 8],
    );
  });
});
