import { tensorData } from "@tflower/core";
import { describe, test } from "vitest";
import * as tfl from "../../src/dialect/index.ts";
import { expectClose, iota, valuesOf } from "./run-op.ts";

// expected values are those of the LiteRT kernels
describe("reference semantics", () => {
  test("transpose: permutes", () => {
    expectClose(
      valuesOf(tfl.transpose, { input: iota("f32", [2, 3, 2]) }, { perm: [2, 0, 1] }),
      [0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11],
    );
  });
  test("reshape: keeps the order", () => {
    expectClose(valuesOf(tfl.reshape, { input: iota("i64", [2, 3]) }, { shape: [3, 2] }), [0, 1, 2, 3, 4, 5]);
  });
  test("expandDims: inserts", () => {
    expectClose(valuesOf(tfl.expandDims, { input: iota("f32", [2, 3]) }, { axis: -1 }), [0, 1, 2, 3, 4, 5]);
  });
  test("squeeze: drops", () => {
    expectClose(valuesOf(tfl.squeeze, { input: iota("f32", [1, 2, 1]) }, { squeeze_dims: [-1] }), [0, 1]);
  });
  test("pad: uneven", () => {
    expectClose(
      valuesOf(tfl.pad, { input: iota("f32", [2, 2], 1) }, { paddings: [1, 0, 0, 2] }),
      [0, 0, 0, 0, 1, 2, 0, 0, 3, 4, 0, 0],
    );
  });
  test("padV2: with a value", () => {
    expectClose(
      valuesOf(
        tfl.padV2,
        { input: iota("i32", [2], 1), constant_values: tensorData("i32", [], [7]) },
        { paddings: [1, 2] },
      ),
      [7, 1, 2, 7, 7],
    );
  });
  test("mirrorPad: without the edge", () => {
    expectClose(
      valuesOf(tfl.mirrorPad, { input: iota("f32", [4]) }, { paddings: [3, 2], mode: "REFLECT" }),
      [3, 2, 1, 0, 1, 2, 3, 2, 1],
    );
  });
  test("mirrorPad: with the edge", () => {
    expectClose(
      valuesOf(tfl.mirrorPad, { input: iota("f32", [2, 2]) }, { paddings: [1, 2, 0, 1], mode: "SYMMETRIC" }),
      [0, 1, 1, 0, 1, 1, 2, 3, 3, 2, 3, 3, 0, 1, 1],
    );
  });
  test("tile: repeats", () => {
    expectClose(
      valuesOf(tfl.tile, { input: iota("f32", [2, 2]) }, { multiples: [2, 3] }),
      [0, 1, 0, 1, 0, 1, 2, 3, 2, 3, 2, 3, 0, 1, 0, 1, 0, 1, 2, 3, 2, 3, 2, 3],
    );
  });
  test("broadcastTo: repeats", () => {
    expectClose(
      valuesOf(tfl.broadcastTo, { input: iota("f32", [2, 1]) }, { shape: [2, 2, 3] }),
      [0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1],
    );
  });
  test("reverseV2: turns round", () => {
    expectClose(valuesOf(tfl.reverseV2, { input: iota("f32", [2, 3]) }, { axes: [-1] }), [2, 1, 0, 5, 4, 3]);
  });
  test("reverseSequence: turns parts round", () => {
    expectClose(
      valuesOf(
        tfl.reverseSequence,
        { input: iota("f32", [2, 4]), seq_lengths: tensorData("i32", [2], [3, 2]) },
        { seq_dim: 1, batch_dim: 0 },
      ),
      [2, 1, 0, 3, 5, 4, 6, 7],
    );
  });
});
