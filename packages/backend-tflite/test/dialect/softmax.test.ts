import { tensorData } from "@tflower/core";
import { describe, test } from "vitest";
import * as tfl from "../../src/dialect/index.ts";
import { expectClose, iota, valuesOf } from "./run-op.ts";

// expected values are those of the LiteRT kernels
describe("reference semantics", () => {
  test("softmax: special values", () => {
    expectClose(
      valuesOf(tfl.softmax, {
        input: tensorData(
          "f32",
          [5, 3],
          [-Infinity, 0, 1, -Infinity, -Infinity, -Infinity, NaN, 0, 1, Infinity, 0, 1, 1000, 999, -1000],
        ),
      }),
      [0, 0.2689414, 0.7310585, NaN, NaN, NaN, NaN, NaN, NaN, NaN, NaN, NaN, 0.7310585, 0.2689414, 0],
    );
  });
  test("softmax: sharper", () => {
    expectClose(
      valuesOf(tfl.softmax, { input: iota("f32", [2, 3], -3, 0.7) }, { beta: 2.5 }),
      [0.02508148, 0.144334, 0.8305845, 0.02508148, 0.1443339, 0.8305845],
    );
  });
  test("logSoftmax: special values", () => {
    expectClose(
      valuesOf(tfl.logSoftmax, {
        input: tensorData(
          "f32",
          [4, 3],
          [-Infinity, 0, 1, -Infinity, -Infinity, -Infinity, NaN, 0, 1, 1000, 999, -1000],
        ),
      }),
      [-Infinity, -1.313262, -0.3132617, NaN, NaN, NaN, NaN, NaN, NaN, -0.3132617, -1.313262, -2000.313],
    );
  });
  test("l2Normalization: short rows", () => {
    expectClose(
      valuesOf(tfl.l2Normalization, { input: tensorData("f32", [3, 2], [3, 4, 0, 0, 1e-8, 0]) }),
      [0.6, 0.8, 0, 0, 0.01, 0],
    );
  });
  test("localResponseNormalization: neighbouring channels", () => {
    expectClose(
      valuesOf(
        tfl.localResponseNormalization,
        { input: iota("f32", [1, 1, 2, 4]) },
        { radius: 1, bias: 1.5, alpha: 0.2, beta: 0.75 },
      ),
      [0, 0.5029734, 0.6697746, 1.041198, 0.7277483, 0.599867, 0.5621476, 0.7847282],
    );
  });
});
