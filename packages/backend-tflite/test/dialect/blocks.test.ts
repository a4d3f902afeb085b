import { describe, test } from "vitest";
import * as tfl from "../../src/dialect/index.ts";
import { expectClose, iota, valuesOf } from "./run-op.ts";

// expected values are those of the LiteRT kernels
describe("reference semantics", () => {
  test("spaceToDepth: blocks", () => {
    expectClose(
      valuesOf(tfl.spaceToDepth, { input: iota("f32", [1, 4, 2, 2]) }, { block_size: 2 }),
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    );
  });
  test("depthToSpace: blocks", () => {
    expectClose(
      valuesOf(tfl.depthToSpace, { input: iota("f32", [1, 2, 1, 8]) }, { block_size: 2 }),
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    );
  });
  test("spaceToBatchNd: pads", () => {
    expectClose(
      valuesOf(
        tfl.spaceToBatchNd,
        { input: iota("f32", [1, 3, 2, 1], 1) },
        { block_shape: [2, 1], paddings: [1, 0, 0, 1] },
      ),
      [0, 0, 0, 3, 4, 0, 1, 2, 0, 5, 6, 0],
    );
  });
  test("batchToSpaceNd: crops", () => {
    expectClose(
      valuesOf(tfl.batchToSpaceNd, { input: iota("f32", [4, 2, 1, 1]) }, { block_shape: [2, 2], crops: [1, 0, 0, 1] }),
      [4, 1, 5],
    );
  });
});
