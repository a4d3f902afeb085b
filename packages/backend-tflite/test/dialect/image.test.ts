import { tensorData } from "@tflower/core";
import { describe, test } from "vitest";
import * as tfl from "../../src/dialect/index.ts";
import { expectClose, iota, runOp, valuesOf } from "./run-op.ts";

// expected values are those of the LiteRT kernels
describe("reference semantics", () => {
  test("nonMaxSuppressionV4: hard", () => {
    const results = runOp(
      tfl.nonMaxSuppressionV4,
      {
        boxes: tensorData("f32", [4, 4], [0, 0, 1, 1, 0, 0.1, 1, 1.1, 1, 1, 0, 2, 0, 0, 1, 0.9]),
        scores: tensorData("f32", [4], [0.9, 0.8, 0.7, 0.05]),
      },
      { max_output_size: 5, iou_threshold: 0.5, score_threshold: 0.1 },
    );
    expectClose(Array.from(results[0]!.data, Number), [0, 2, 0, 0, 0]);
    expectClose(Array.from(results[1]!.data, Number), [2]);
  });
  test("nonMaxSuppressionV5: soft", () => {
    const results = runOp(
      tfl.nonMaxSuppressionV5,
      {
        boxes: tensorData("f32", [3, 4], [0, 0, 1, 1, 0, 0.5, 1, 1.5, 0, 2, 1, 3]),
        scores: tensorData("f32", [3], [0.9, 0.8, 0.7]),
      },
      { max_output_size: 4, iou_threshold: 0.9, score_threshold: 0.1, soft_nms_sigma: 0.5 },
    );
    expectClose(Array.from(results[0]!.data, Number), [0, 1, 2, 0]);
    expectClose(Array.from(results[1]!.data, Number), [0.9, 0.7158715, 0.7, 0]);
    expectClose(Array.from(results[2]!.data, Number), [3]);
  });
  test("matrixDiag: diagonals", () => {
    expectClose(valuesOf(tfl.matrixDiag, { diagonal: iota("f32", [2, 2], 1) }), [1, 0, 0, 2, 3, 0, 0, 4]);
  });
  test("matrixSetDiag: diagonals", () => {
    expectClose(
      valuesOf(tfl.matrixSetDiag, { input: iota("f32", [1, 2, 3], 1), diagonal: tensorData("f32", [1, 2], [-1, -2]) }),
      [-1, 2, 3, 4, -2, 6],
    );
  });
});
