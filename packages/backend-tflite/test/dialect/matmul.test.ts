import { describe, test } from "vitest";
import * as tfl from "../../src/dialect/index.ts";
import { expectClose, iota, valuesOf } from "./run-op.ts";

// expected values are those of the LiteRT kernels
describe("reference semantics", () => {
  test("fullyConnected: flattens", () => {
    expectClose(
      valuesOf(tfl.fullyConnected, {
        input: iota("f32", [2, 2, 2], -3, 0.7),
        filter: iota("f32", [3, 4], -1, 0.3),
        bias: iota("f32", [3], -3, 0.7),
      }),
      [2.34, -6.32, -14.98, -3.82, 0.96, 5.74],
    );
  });
  test("fullyConnected: keeps axes", () => {
    expectClose(
      valuesOf(
        tfl.fullyConnected,
        { input: iota("f32", [2, 1, 2], -3, 0.7), filter: iota("f32", [3, 2], -1, 0.3) },
        { keep_num_dims: true, fused_activation_function: "RELU" },
      ),
      [4.61, 1.43, 0, 2.23, 0.73, 0],
    );
  });
  test("batchMatmul: broadcasts", () => {
    expectClose(
      valuesOf(tfl.batchMatmul, { x: iota("f32", [2, 1, 2, 2], -3, 0.7), y: iota("f32", [2, 2, 1], -3, 0.7) }),
      [14.29, 6.87, 6.87, 3.37, -0.55, -7.97, -0.13, -3.63],
    );
  });
  test("batchMatmul: transposes both", () => {
    expectClose(
      valuesOf(
        tfl.batchMatmul,
        { x: iota("f32", [3, 2], -3, 0.7), y: iota("f32", [2, 3], -3, 0.7) },
        { adj_x: true, adj_y: true },
      ),
      [13, 2.92, 8.169999, 2.5],
    );
  });
});
