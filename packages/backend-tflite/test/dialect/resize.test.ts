import { describe, test } from "vitest";
import * as tfl from "../../src/dialect/index.ts";
import { expectClose, iota, valuesOf } from "./run-op.ts";

// expected values are those of the LiteRT kernels
describe("reference semantics", () => {
  test("resizeBilinear: align_corners false, half_pixel_centers false", () => {
    expectClose(
      valuesOf(
        tfl.resizeBilinear,
        { input: iota("f32", [1, 2, 3, 1]) },
        { size: [3, 5], align_corners: false, half_pixel_centers: false },
      ),
      [0, 0.6, 1.2, 1.8, 2, 2, 2.6, 3.2, 3.8, 4, 3, 3.6, 4.2, 4.8, 5],
    );
  });
  test("resizeBilinear: align_corners true, half_pixel_centers false", () => {
    expectClose(
      valuesOf(
        tfl.resizeBilinear,
        { input: iota("f32", [1, 2, 3, 1]) },
        { size: [3, 5], align_corners: true, half_pixel_centers: false },
      ),
      [0, 0.5, 1, 1.5, 2, 1.5, 2, 2.5, 3, 3.5, 3, 3.5, 4, 4.5, 5],
    );
  });
  test("resizeBilinear: align_corners false, half_pixel_centers true", () => {
    expectClose(
      valuesOf(
        tfl.resizeBilinear,
        { input: iota("f32", [1, 2, 3, 1]) },
        { size: [3, 5], align_corners: false, half_pixel_centers: true },
      ),
      [0, 0.4, 1, 1.6, 2, 1.5, 1.9, 2.5, 3.1, 3.5, 3, 3.4, 4, 4.6, 5],
    );
  });
  test("resizeBilinear: smaller", () => {
    expectClose(
      valuesOf(tfl.resizeBilinear, { input: iota("f32", [1, 4, 5, 1]) }, { size: [2, 2], half_pixel_centers: true }),
      [3.25, 5.75, 13.25, 15.75],
    );
  });
  test("resizeNearestNeighbor: align_corners false, half_pixel_centers false", () => {
    expectClose(
      valuesOf(
        tfl.resizeNearestNeighbor,
        { input: iota("f32", [1, 3, 5, 1]) },
        { size: [4, 3], align_corners: false, half_pixel_centers: false },
      ),
      [0, 1, 3, 0, 1, 3, 5, 6, 8, 10, 11, 13],
    );
  });
  test("resizeNearestNeighbor: align_corners true, half_pixel_centers false", () => {
    expectClose(
      valuesOf(
        tfl.resizeNearestNeighbor,
        { input: iota("f32", [1, 3, 5, 1]) },
        { size: [4, 3], align_corners: true, half_pixel_centers: false },
      ),
      [0, 2, 4, 5, 7, 9, 5, 7, 9, 10, 12, 14],
    );
  });
  test("resizeNearestNeighbor: align_corners false, half_pixel_centers true", () => {
    expectClose(
      valuesOf(
        tfl.resizeNearestNeighbor,
        { input: iota("f32", [1, 3, 5, 1]) },
        { size: [4, 3], align_corners: false, half_pixel_centers: true },
      ),
      [0, 2, 4, 5, 7, 9, 5, 7, 9, 10, 12, 14],
    );
  });
  test("resizeNearestNeighbor: align_corners true, half_pixel_centers true", () => {
    expectClose(
      valuesOf(
        tfl.resizeNearestNeighbor,
        { input: iota("f32", [1, 3, 5, 1]) },
        { size: [4, 3], align_corners: true, half_pixel_centers: true },
      ),
      [1, 3, 4, 6, 8, 9, 11, 13, 14, 11, 13, 14],
    );
  });
});
