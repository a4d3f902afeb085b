import { tensorData } from "@tflower/core";
import { describe, test } from "vitest";
import * as tfl from "../../src/dialect/index.ts";
import { expectClose, iota, valuesOf } from "./run-op.ts";

// expected values are those of the LiteRT kernels
describe("reference semantics", () => {
  test("averagePool2d: padding does not count", () => {
    expectClose(
      valuesOf(
        tfl.averagePool2d,
        { input: iota("f32", [1, 3, 3, 1]) },
        { padding: "SAME", filter_height: 2, filter_width: 3, stride_w: 2 },
      ),
      [2, 3, 5, 6, 6.5, 7.5],
    );
  });
  test("averagePool2d: clamps", () => {
    expectClose(
      valuesOf(
        tfl.averagePool2d,
        { input: iota("f32", [1, 2, 4, 1], -3, 2) },
        { filter_height: 2, filter_width: 2, stride_w: 2, fused_activation_function: "RELU6" },
      ),
      [2, 6],
    );
  });
  test("maxPool2d: padding does not count", () => {
    expectClose(
      valuesOf(
        tfl.maxPool2d,
        { input: iota("f32", [1, 3, 3, 1], -9) },
        { padding: "SAME", filter_height: 2, filter_width: 2, stride_h: 2, stride_w: 2 },
      ),
      [-5, -4, -2, -1],
    );
  });
  test("maxPool2d: forgets NaN", () => {
    expectClose(
      valuesOf(
        tfl.maxPool2d,
        { input: tensorData("f32", [1, 1, 6, 1], [1, NaN, 2, 3, NaN, NaN]) },
        { filter_height: 1, filter_width: 3, stride_w: 3 },
      ),
      [2, 3],
    );
  });
  test("l2Pool2d: roots", () => {
    expectClose(
      valuesOf(
        tfl.l2Pool2d,
        { input: iota("f32", [1, 2, 3, 1]) },
        { padding: "SAME", filter_height: 2, filter_width: 2 },
      ),
      [2.54951, 3.391165, 3.807887, 3.535534, 4.527693, 5],
    );
  });
});
