import { tensor, tensorData } from "@tflower/core";
import { describe, expect, test } from "vitest";
import { aten } from "../src/index.ts";
import { type Application, lowered, reference } from "./lowered.ts";

const weight = tensorData("f32", [5, 2], [1, -2, 3, 4, -5, 6, 7, -8, 9, Number.NaN]);
const long = (...v: readonly number[]) => tensorData("i64", [v.length], v);

interface Bag {
  readonly indices: readonly number[];
  readonly offsets: readonly number[];
  readonly mode: number;
  readonly weights?: readonly number[];
  readonly last?: boolean;
  readonly padding?: number;
}
// the results PyTorch gives for `embedding_bag`
const bags: readonly (Bag & { readonly out: readonly number[] })[] = [
  { indices: [0, 1, 2, 3], offsets: [0, 2], mode: 0, out: [4, 2, 2, -2] },
  { indices: [0, 1, 2, 3], offsets: [0, 2], mode: 1, out: [2, 1, 1, -1] },
  { indices: [0, 1, 2, 3], offsets: [0, 2], mode: 2, out: [3, 4, 7, 6] },
  { indices: [0, 1, 2, 3], offsets: [0, 1, 1], mode: 0, out: [1, -2, 0, 0, 5, 2] },
  { indices: [0, 1, 2, 3], offsets: [0, 1, 1], mode: 2, out: [1, -2, 0, 0, 7, 6] },
  { indices: [0, 1, 2, 3], offsets: [0, 3, 4], mode: 1, last: true, out: [-1 / 3, 8 / 3, 7, -8] },
  { indices: [0, 1, 1, 3], offsets: [0, 2], mode: 1, padding: 1, out: [1, -2, 7, -8] },
  { indices: [0, 1, 1, 3], offsets: [0, 2], mode: 1, padding: -2, out: [2, 1, 3, 4] },
  { indices: [0, 1, 2, 3], offsets: [0, 2], mode: 0, weights: [2, 0.5, -1, 1], out: [3.5, -2, 12, -14] },
  { indices: [4, 0], offsets: [0], mode: 0, out: [10, Number.NaN] },
  { indices: [4, 0], offsets: [0], mode: 2, out: [9, Number.NaN] },
];
const application = (b: Bag, constants: readonly string[]): Application => {
  const count = b.offsets.length - (b.last ? 1 : 0);
  return {
    op: aten.embeddingBagPaddingIdx,
    operands: {
      weight,
      indices: long(...b.indices),
      offsets: long(...b.offsets),
      per_sample_weights: b.weights && tensorData("f32", [b.weights.length], b.weights),
    },
    attrs: {
      scale_grad_by_freq: false,
      mode: b.mode,
      sparse: false,
      include_last_offset: b.last ?? false,
      padding_idx: b.padding,
    },
    types: [tensor("f32", [count, 2]), tensor("i64", [0]), tensor("i64", [count]), tensor("i64", [count])],
    constants,
    outputs: 1,
  };
};

describe.each([[], ["offsets"]])("constants %j", (...constants) => {
  test.each(bags)("$mode of $indices at $offsets", async (b) => {
    const expected = tensorData("f32", [b.out.length / 2, 2], b.out);
    expect((await reference(application(b, constants)))[0]).toEqual(expected);
    const out = await lowered(application(b, constants));
    if ("refused" in out) throw new Error(out.refused.map((d) => d.message).join("\n"));
    expect(out.results).toEqual([expected]);
  });
});

test("what only training reads is refused", async () => {
  const { outputs: _, ...all } = application(bags[0]!, []);
  const out = await lowered(all);
  expect("refused" in out && out.refused[0]!.notes![0]).toContain("only its first result");
});
test("bags of one size need no segments", async () => {
  const out = await lowered(application(bags[1]!, ["offsets"]));
  expect("text" in out && out.text).not.toContain("segment");
});
