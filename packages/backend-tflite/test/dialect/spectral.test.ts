import { tensorData } from "@tflower/core";
import { describe, test } from "vitest";
import * as tfl from "../../src/dialect/index.ts";
import { expectClose, iota, valuesOf } from "./run-op.ts";

// expected values are those of the LiteRT kernels
describe("reference semantics", () => {
  test("rfft2d: as it is", () => {
    expectClose(
      valuesOf(tfl.rfft2d, { input: iota("f32", [2, 4]) }, { fft_length: [2, 4] }),
      [28, -0, -4, 4, -4, -0, -16, -0, 0, -0, 0, -0],
    );
  });
  test("rfft2d: cropped and padded", () => {
    expectClose(
      valuesOf(tfl.rfft2d, { input: iota("f32", [3, 2], 1) }, { fft_length: [2, 4] }),
      [10, -0, 4, -6, -2, -0, -4, -0, -2, 2, 0, -0],
    );
  });
  test("real: parts", () => {
    expectClose(valuesOf(tfl.real, { input: iota("c64", [2]) }), [0, 2]);
  });
  test("imag: parts", () => {
    expectClose(valuesOf(tfl.imag, { input: iota("c64", [2]) }), [1, 3]);
  });
  test("complexAbs: parts", () => {
    expectClose(valuesOf(tfl.complexAbs, { input: tensorData("c64", [1], [3, 4]) }), [5]);
  });
});
