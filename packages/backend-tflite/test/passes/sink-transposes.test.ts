import type { Value } from "@tflower/core";
import { expect, test } from "vitest";
import { add, concatenation, mul, neg, relu, reshape, slice, split } from "../../src/dialect/index.ts";
import { toNchw, toNhwc, transposesLeft, turn } from "./transposes-left.ts";

test("a concatenation of many equal parts", async () => {
  const left = await transposesLeft([[1, 3, 2, 4]], (r, x) => {
    const one = turn(r, x!, toNchw);
    const more = [relu, relu].reduce<Value[]>(
      (all, op) => [...all, turn(r, r.emit(op, { input: turn(r, all.at(-1)!, toNhwc) }, {}), toNchw)],
      [one],
    );
    return [turn(r, r.emit(concatenation, { values: [...more, one] }, {}, { axis: 1 }), toNhwc)];
  });
  expect(left).toBe(0);
});

test("a gate per channel, which is the same elements in any order of its axes, before a split", async () => {
  const left = await transposesLeft(
    [
      [1, 3, 2, 4],
      [1, 4, 1, 1],
    ],
    (r, x, gate) => {
      const gated = r.emit(mul, { lhs: turn(r, x!, toNchw), rhs: gate! }, {});
      const halves = r.create(split, { value: gated }, { axis: 1, num_splits: 2 }).results;
      return halves.map((h) => turn(r, h, toNhwc));
    },
  );
  expect(left).toBe(0);
});

test("a second operand that would have to move stays where it is", async () => {
  const left = await transposesLeft(
    [
      [1, 3, 2, 4],
      [1, 4, 3, 2],
    ],
    (r, x, y) => [r.emit(mul, { lhs: turn(r, x!, toNchw), rhs: y! }, {})],
  );
  expect(left).toBe(1);
});

test("pairs that are taken apart, swapped and put together again along the last axis, as rotary embeddings do", async () => {
  const left = await transposesLeft([[1, 5, 2, 6]], (r, x) => {
    const heads = turn(r, x!, [0, 2, 1, 3]);
    const half = (begin: number): Value =>
      r.emit(slice, { input: heads }, {}, { begin: [0, 0, 0, begin], size: [1, 2, 5, 3] });
    const last = (v: Value): Value => r.emit(reshape, { input: v }, {}, { shape: [1, 2, 5, 3, 1] });
    const pairs = r.emit(
      concatenation,
      { values: [last(r.emit(neg, { input: half(3) }, {})), last(half(0))] },
      {},
      { axis: 4 },
    );
    const turned = r.emit(reshape, { input: pairs }, {}, { shape: [1, 2, 5, 6] });
    return [turn(r, r.emit(add, { lhs: heads, rhs: turned }, {}), [0, 2, 1, 3])];
  });
  expect(left).toBe(0);
});
