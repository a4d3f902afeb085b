import type { Rewriter, Value } from "@tflower/core";
import { expect, test } from "vitest";
import { concatenation, relu, reshape, split } from "../../src/dialect/index.ts";
import { toNchw, toNhwc, transposesLeft, turn } from "./transposes-left.ts";

/** A channel shuffle in two groups, channels first. */
function shuffle(r: Rewriter, x: Value): Value {
  const [n, c, h, w] = x.type.shape as readonly number[];
  const apart = r.emit(reshape, { input: x }, {}, { shape: [n!, 2, c! / 2, h!, w!] });
  return r.emit(reshape, { input: turn(r, apart, [0, 2, 1, 3, 4]) }, {}, { shape: [n!, c!, h!, w!] });
}

test("a channel shuffle between channels-last ops moves channels only", async () => {
  expect(await transposesLeft([[1, 3, 5, 6]], (r, x) => [turn(r, shuffle(r, turn(r, x!, toNchw)), toNhwc)])).toBe(1);
});

test("units that shuffle, split, work on one half and join stay channels last", async () => {
  const units = await transposesLeft([[1, 3, 2, 8]], (r, x) => {
    let v = turn(r, x!, toNchw);
    for (let unit = 0; unit < 3; unit++) {
      const [keep, work] = r.create(split, { value: shuffle(r, v) }, { axis: 1, num_splits: 2 }).results as [
        Value,
        Value,
      ];
      const done = r.emit(relu, { input: turn(r, work, toNhwc) }, {});
      v = r.emit(concatenation, { values: [keep, turn(r, done, toNchw)] }, {}, { axis: 1 });
    }
    return [turn(r, v, toNhwc)];
  });
  expect(units).toBe(3);
});

test("a reader that needs the merged axes in front keeps the transpose in one piece", async () => {
  expect(await transposesLeft([[1, 3, 5, 6]], (r, x) => [shuffle(r, turn(r, x!, toNchw))])).toBe(1);
});
