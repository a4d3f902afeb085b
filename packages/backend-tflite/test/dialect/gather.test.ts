import { tensorData } from "@tflower/core";
import { describe, test } from "vitest";
import * as tfl from "../../src/dialect/index.ts";
import { expectClose, iota, valuesOf } from "./run-op.ts";

// expected values are those of the LiteRT kernels
describe("reference semantics", () => {
  test("gather: along an axis", () => {
    expectClose(
      valuesOf(
        tfl.gather,
        { params: iota("f32", [2, 3]), indices: tensorData("i64", [2, 2], [2, 0, 1, 1]) },
        { axis: 1 },
      ),
      [2, 0, 1, 1, 5, 3, 4, 4],
    );
  });
  test("gather: by batch", () => {
    expectClose(
      valuesOf(
        tfl.gather,
        { params: iota("f32", [2, 3, 2]), indices: tensorData("i32", [2, 2], [2, 0, 1, 1]) },
        { axis: 1, batch_dims: 1 },
      ),
      [4, 5, 0, 1, 8, 9, 8, 9],
    );
  });
  test("gatherNd: slices", () => {
    expectClose(
      valuesOf(tfl.gatherNd, { params: iota("f32", [2, 3, 2]), indices: tensorData("i32", [2, 2], [0, 2, 1, 1]) }),
      [4, 5, 8, 9],
    );
  });
  test("scatterNd: adds", () => {
    expectClose(
      valuesOf(
        tfl.scatterNd,
        { indices: tensorData("i32", [3, 1], [2, 0, 2]), updates: iota("f32", [3, 2], 1) },
        { shape: [4, 2] },
      ),
      [3, 4, 0, 0, 6, 8, 0, 0],
    );
  });
  test("embeddingLookup: rows", () => {
    expectClose(
      valuesOf(tfl.embeddingLookup, { ids: tensorData("i32", [2], [2, 0]), values: iota("f32", [3, 2]) }),
      [4, 5, 0, 1],
    );
  });
  test("oneHot: leaves out", () => {
    expectClose(
      valuesOf(
        tfl.oneHot,
        {
          indices: tensorData("i32", [4], [0, 2, -1, 5]),
          on_value: tensorData("f32", [], [3]),
          off_value: tensorData("f32", [], [-1]),
        },
        { depth: 3, axis: 0 },
      ),
      [3, -1, -1, -1, -1, -1, -1, -1, -1, 3, -1, -1],
    );
  });
  test("sparseToDense: writes", () => {
    expectClose(
      valuesOf(
        tfl.sparseToDense,
        {
          indices: tensorData("i32", [2, 2], [0, 1, 2, 0]),
          value: tensorData("f32", [2], [5, 6]),
          default_value: tensorData("f32", [], [-1]),
        },
        { output_shape: [3, 2] },
      ),
      [-1, 5, -1, -1, 6, -1],
    );
  });
  test("stablehloGather: moves inside", () => {
    expectClose(
      valuesOf(
        tfl.stablehloGather,
        { operand: iota("f32", [3, 4]), start_indices: tensorData("i64", [2, 2], [0, 1, 9, 2]) },
        {
          offset_dims: [1],
          collapsed_slice_dims: [0],
          start_index_map: [1, 0],
          index_vector_dim: 1,
          slice_sizes: [1, 2],
        },
      ),
      [4, 5, 10, 11],
    );
  });
});
