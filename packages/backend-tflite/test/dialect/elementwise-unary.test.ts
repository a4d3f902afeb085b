import { tensorData } from "@tflower/core";
import { describe, test } from "vitest";
import * as tfl from "../../src/dialect/index.ts";
import { expectClose, iota, valuesOf } from "./run-op.ts";

// expected values are those of the LiteRT kernels
describe("reference semantics", () => {
  test("abs: special values", () => {
    expectClose(
      valuesOf(tfl.abs, { input: tensorData("f32", [10], [NaN, Infinity, -Infinity, -0, 0, 0.5, -0.5, 2.5, -2.5, 7]) }),
      [NaN, Infinity, Infinity, 0, 0, 0.5, 0.5, 2.5, 2.5, 7],
    );
  });
  test("neg: special values", () => {
    expectClose(
      valuesOf(tfl.neg, { input: tensorData("f32", [10], [NaN, Infinity, -Infinity, -0, 0, 0.5, -0.5, 2.5, -2.5, 7]) }),
      [NaN, -Infinity, Infinity, 0, 0, -0.5, 0.5, -2.5, 2.5, -7],
    );
  });
  test("sign: special values", () => {
    expectClose(
      valuesOf(tfl.sign, {
        input: tensorData("f32", [10], [NaN, Infinity, -Infinity, -0, 0, 0.5, -0.5, 2.5, -2.5, 7]),
      }),
      [NaN, 1, -1, 0, 0, 1, -1, 1, -1, 1],
    );
  });
  test("ceil: special values", () => {
    expectClose(
      valuesOf(tfl.ceil, {
        input: tensorData("f32", [10], [NaN, Infinity, -Infinity, -0, 0, 0.5, -0.5, 2.5, -2.5, 7]),
      }),
      [NaN, Infinity, -Infinity, -0, 0, 1, -0, 3, -2, 7],
    );
  });
  test("floor: special values", () => {
    expectClose(
      valuesOf(tfl.floor, {
        input: tensorData("f32", [10], [NaN, Infinity, -Infinity, -0, 0, 0.5, -0.5, 2.5, -2.5, 7]),
      }),
      [NaN, Infinity, -Infinity, -0, 0, 0, -1, 2, -3, 7],
    );
  });
  test("round: special values", () => {
    expectClose(
      valuesOf(tfl.round, {
        input: tensorData("f32", [10], [NaN, Infinity, -Infinity, -0, 0, 0.5, -0.5, 2.5, -2.5, 7]),
      }),
      [NaN, Infinity, -Infinity, -0, 0, 0, -0, 2, -2, 7],
    );
  });
  test("square: special values", () => {
    expectClose(
      valuesOf(tfl.square, {
        input: tensorData("f32", [10], [NaN, Infinity, -Infinity, -0, 0, 0.5, -0.5, 2.5, -2.5, 7]),
      }),
      [NaN, Infinity, Infinity, 0, 0, 0.25, 0.25, 6.25, 6.25, 49],
    );
  });
  test("tanh: special values", () => {
    expectClose(
      valuesOf(tfl.tanh, {
        input: tensorData("f32", [10], [NaN, Infinity, -Infinity, -0, 0, 0.5, -0.5, 2.5, -2.5, 7]),
      }),
      [NaN, 1, -1, -0, 0, 0.4621172, -0.4621172, 0.9866143, -0.9866143, 0.9999984],
    );
  });
  test("relu: special values", () => {
    expectClose(
      valuesOf(tfl.relu, {
        input: tensorData("f32", [10], [NaN, Infinity, -Infinity, -0, 0, 0.5, -0.5, 2.5, -2.5, 7]),
      }),
      [NaN, Infinity, 0, -0, 0, 0.5, 0, 2.5, 0, 7],
    );
  });
  test("relu6: special values", () => {
    expectClose(
      valuesOf(tfl.relu6, {
        input: tensorData("f32", [10], [NaN, Infinity, -Infinity, -0, 0, 0.5, -0.5, 2.5, -2.5, 7]),
      }),
      [NaN, 6, 0, -0, 0, 0.5, 0, 2.5, 0, 6],
    );
  });
  test("reluN1To1: special values", () => {
    expectClose(
      valuesOf(tfl.reluN1To1, {
        input: tensorData("f32", [10], [NaN, Infinity, -Infinity, -0, 0, 0.5, -0.5, 2.5, -2.5, 7]),
      }),
      [NaN, 1, -1, -0, 0, 0.5, -0.5, 1, -1, 1],
    );
  });
  test("relu0To1: special values", () => {
    expectClose(
      valuesOf(tfl.relu0To1, {
        input: tensorData("f32", [10], [NaN, Infinity, -Infinity, -0, 0, 0.5, -0.5, 2.5, -2.5, 7]),
      }),
      [NaN, 1, 0, -0, 0, 0.5, 0, 1, 0, 1],
    );
  });
  test("elu: special values", () => {
    expectClose(
      valuesOf(tfl.elu, { input: tensorData("f32", [10], [NaN, Infinity, -Infinity, -0, 0, 0.5, -0.5, 2.5, -2.5, 7]) }),
      [NaN, Infinity, -1, -0, 0, 0.5, -0.3934693, 2.5, -0.917915, 7],
    );
  });
  test("hardSwish: special values", () => {
    expectClose(
      valuesOf(tfl.hardSwish, {
        input: tensorData("f32", [10], [NaN, Infinity, -Infinity, -0, 0, 0.5, -0.5, 2.5, -2.5, 7]),
      }),
      [NaN, Infinity, NaN, -0, 0, 0.2916667, -0.2083333, 2.291667, -0.2083333, 7],
    );
  });
  test("logistic: special values", () => {
    expectClose(
      valuesOf(tfl.logistic, {
        input: tensorData("f32", [10], [NaN, Infinity, -Infinity, -0, 0, 0.5, -0.5, 2.5, -2.5, 7]),
      }),
      [NaN, 1, 0, 0.5, 0.5, 0.6224593, 0.3775407, 0.9241418, 0.07585818, 0.9990889],
    );
  });
  test("gelu: special values", () => {
    expectClose(
      valuesOf(tfl.gelu, {
        input: tensorData("f32", [10], [NaN, Infinity, -Infinity, -0, 0, 0.5, -0.5, 2.5, -2.5, 7]),
      }),
      [NaN, Infinity, NaN, -0, 0, 0.3457312, -0.1542688, 2.484476, -0.01552418, 7],
    );
  });
  test("gelu: special values, by tanh", () => {
    expectClose(
      valuesOf(
        tfl.gelu,
        { input: tensorData("f32", [10], [NaN, Infinity, -Infinity, -0, 0, 0.5, -0.5, 2.5, -2.5, 7]) },
        { approximate: true },
      ),
      [NaN, Infinity, NaN, -0, 0, 0.345714, -0.154286, 2.484916, -0.0150843, 7],
    );
  });
  test("round: ties", () => {
    expectClose(
      valuesOf(tfl.round, { input: tensorData("f32", [6], [0.5, 1.5, 2.5, -0.5, -1.5, -2.5]) }),
      [0, 2, 2, -0, -2, -2],
    );
  });
  test("gelu: tail", () => {
    expectClose(
      valuesOf(tfl.gelu, { input: tensorData("f32", [4], [-5, -3, 3, 5]) }),
      [-1.043081e-6, -0.004049599, 2.99595, 4.999999],
    );
  });
  test("exp: values", () => {
    expectClose(
      valuesOf(tfl.exp, { input: iota("f32", [7], -2, 0.9) }),
      [0.1353353, 0.3328711, 0.8187307, 2.013753, 4.953032, 12.18249, 29.9641],
    );
  });
  test("sin: values", () => {
    expectClose(
      valuesOf(tfl.sin, { input: iota("f32", [7], -2, 0.9) }),
      [-0.9092974, -0.8912073, -0.1986693, 0.6442177, 0.9995736, 0.5984722, -0.2555413],
    );
  });
  test("cos: values", () => {
    expectClose(
      valuesOf(tfl.cos, { input: iota("f32", [7], -2, 0.9) }),
      [-0.4161469, 0.4535961, 0.9800667, 0.7648422, -0.02919954, -0.8011436, -0.9667981],
    );
  });
  test("log: values", () => {
    expectClose(
      valuesOf(tfl.log, { input: tensorData("f32", [5], [0.25, 1, 3, 9, 100]) }),
      [-1.386294, 0, 1.098612, 2.197225, 4.60517],
    );
  });
  test("sqrt: values", () => {
    expectClose(valuesOf(tfl.sqrt, { input: tensorData("f32", [5], [0.25, 1, 3, 9, 100]) }), [0.5, 1, 1.732051, 3, 10]);
  });
  test("rsqrt: values", () => {
    expectClose(
      valuesOf(tfl.rsqrt, { input: tensorData("f32", [5], [0.25, 1, 3, 9, 100]) }),
      [2, 1, 0.5773503, 0.3333333, 0.1],
    );
  });
  test("leakyRelu: slope", () => {
    expectClose(
      valuesOf(
        tfl.leakyRelu,
        { input: tensorData("f32", [10], [NaN, Infinity, -Infinity, -0, 0, 0.5, -0.5, 2.5, -2.5, 7]) },
        { alpha: 0.1 },
      ),
      [NaN, Infinity, -Infinity, -0, 0, 0.5, -0.05, 2.5, -0.25, 7],
    );
  });
  test("prelu: slope by channel", () => {
    expectClose(
      valuesOf(tfl.prelu, { input: iota("f32", [2, 3], -3, 0.7), alpha: tensorData("f32", [3], [0.1, -1, 2]) }),
      [-0.3, 2.3, -3.2, -0.09, 0.2, 0.5],
    );
  });
  test("abs: integers", () => {
    expectClose(valuesOf(tfl.abs, { input: tensorData("i32", [3], [-5, 5, -2147483648]) }), [5, 5, -2147483648]);
  });
  test("neg: integers", () => {
    expectClose(valuesOf(tfl.neg, { input: tensorData("i64", [2], [-5, 5]) }), [5, -5]);
  });
});
