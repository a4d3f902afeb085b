import { describe, test } from "vitest";
import * as tfl from "../../src/dialect/index.ts";
import { expectClose, iota, runOp, valuesOf } from "./run-op.ts";

// expected values are those of the LiteRT kernels
describe("reference semantics", () => {
  test("concatenation: in the middle", () => {
    expectClose(
      valuesOf(tfl.concatenation, { values: [iota("f32", [2, 1, 2]), iota("f32", [2, 2, 2], 10)] }, { axis: -2 }),
      [0, 1, 10, 11, 12, 13, 2, 3, 14, 15, 16, 17],
    );
  });
  test("pack: on a new axis", () => {
    expectClose(
      valuesOf(tfl.pack, { values: [iota("f32", [2, 2]), iota("f32", [2, 2], 10)] }, { axis: -1 }),
      [0, 10, 1, 11, 2, 12, 3, 13],
    );
  });
  test("unpack: into slices", () => {
    const results = runOp(tfl.unpack, { value: iota("f32", [2, 3]) }, { axis: -1 });
    expectClose(Array.from(results[0]!.data, Number), [0, 3]);
    expectClose(Array.from(results[1]!.data, Number), [1, 4]);
    expectClose(Array.from(results[2]!.data, Number), [2, 5]);
  });
  test("split: into equal parts", () => {
    const results = runOp(tfl.split, { value: iota("f32", [2, 4]) }, { axis: 1, num_splits: 2 });
    expectClose(Array.from(results[0]!.data, Number), [0, 1, 4, 5]);
    expectClose(Array.from(results[1]!.data, Number), [2, 3, 6, 7]);
  });
  test("splitV: into other parts", () => {
    const results = runOp(tfl.splitV, { value: iota("f32", [2, 5]) }, { axis: 1, size_splits: [1, -1, 2] });
    expectClose(Array.from(results[0]!.data, Number), [0, 5]);
    expectClose(Array.from(results[1]!.data, Number), [1, 2, 6, 7]);
    expectClose(Array.from(results[2]!.data, Number), [3, 4, 8, 9]);
  });
});
