import { tensor, tensorData } from "@tflower/core";
import { describe, test } from "vitest";
import * as tfl from "../../src/dialect/index.ts";
import { expectClose, iota, valuesOf } from "./run-op.ts";

// expected values are those of the LiteRT kernels
describe("reference semantics", () => {
  test("segmentSum: neighbours", () => {
    expectClose(
      valuesOf(
        tfl.segmentSum,
        { data: iota("f32", [4, 2]), segment_ids: tensorData("i32", [4], [0, 0, 1, 2]) },
        undefined,
        [tensor("f32", [3, 2])],
      ),
      [2, 4, 4, 5, 6, 7],
    );
  });
  test("unsortedSegmentSum: leaves out and leaves empty", () => {
    expectClose(
      valuesOf(
        tfl.unsortedSegmentSum,
        { data: iota("f32", [4, 2], 1), segment_ids: tensorData("i32", [4], [2, 0, -1, 2]) },
        { num_segments: 4 },
      ),
      [3, 4, 0, 0, 8, 10, 0, 0],
    );
  });
  test("unsortedSegmentProd: leaves out and leaves empty", () => {
    expectClose(
      valuesOf(
        tfl.unsortedSegmentProd,
        { data: iota("f32", [4, 2], 1), segment_ids: tensorData("i32", [4], [2, 0, -1, 2]) },
        { num_segments: 4 },
      ),
      [3, 4, 1, 1, 7, 16, 1, 1],
    );
  });
  test("unsortedSegmentMax: leaves out and leaves empty", () => {
    expectClose(
      valuesOf(
        tfl.unsortedSegmentMax,
        { data: iota("f32", [4, 2], 1), segment_ids: tensorData("i32", [4], [2, 0, -1, 2]) },
        { num_segments: 4 },
      ),
      [3, 4, -3.4028234663852886e38, -3.4028234663852886e38, 7, 8, -3.4028234663852886e38, -3.4028234663852886e38],
    );
  });
  test("unsortedSegmentMin: leaves out and leaves empty", () => {
    expectClose(
      valuesOf(
        tfl.unsortedSegmentMin,
        { data: iota("f32", [4, 2], 1), segment_ids: tensorData("i32", [4], [2, 0, -1, 2]) },
        { num_segments: 4 },
      ),
      [3, 4, 3.4028234663852886e38, 3.4028234663852886e38, 1, 2, 3.4028234663852886e38, 3.4028234663852886e38],
    );
  });
  test("unsortedSegmentSum: ids by element", () => {
    expectClose(
      valuesOf(
        tfl.unsortedSegmentSum,
        { data: iota("i32", [2, 2]), segment_ids: tensorData("i32", [2, 2], [1, 0, 1, 1]) },
        { num_segments: 2 },
      ),
      [1, 5],
    );
  });
});
