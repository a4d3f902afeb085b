import {
  allocate,
  attr,
  countOf,
  defineOp,
  numbersOf,
  operand,
  type Rewriter,
  staticShape,
  type Value,
  withShape,
  wrap,
} from "@tflower/core";
import { constantOf } from "./constant-of.ts";

/** The filter of the product that takes combination `row` along the rows and `column` along the columns. */
export type FilterOf = (row: number | undefined, column: number | undefined) => Value;

/** Filters of the products of a tiled convolution, each of one element along the axes that are tiled. */
export const combinedFilter =
  (rewriter: Rewriter, filter: Value): FilterOf =>
  (row, column) =>
    constantOf(rewriter, combineTaps, { filter }, { row: row ?? -1, column: column ?? -1 }, filter.name);

/** Weights of the three elements of a kernel in the filter of each product. */
const shares: readonly (readonly number[])[] = [
  [1, 0, 0],
  [0.5, 0.5, 0.5],
  [0.5, -0.5, 0.5],
  [0, 0, 1],
];

/** Taps of one axis that a filter is made of: those of a product, or each by itself. */
const tapsOf = (pick: number, kernel: number): readonly (readonly (readonly [tap: number, share: number])[])[] =>
  pick < 0
    ? Array.from({ length: kernel }, (_, k) => [[k, 1] as const])
    : [shares[pick]!.flatMap((s, k) => (s === 0 ? [] : [[k, s] as const]))];

/** Lives in constants only: sixteen of these are made of one weight, and each of them in one pass over it. */
const combineTaps = defineOp("constant.combine_taps", {
  summary:
    "A filter `[O, H, W, I]` with its rows and columns combined for one of Winograd's products; -1 leaves an axis as it is.",
  operands: { filter: operand.rank(4) },
  attrs: { row: attr.int, column: attr.int },
  infer({ filter }, { row, column }) {
    const [o, h, w, i] = filter.shape;
    return withShape(filter, [o!, row < 0 ? h! : 1, column < 0 ? w! : 1, i!]);
  },
  evaluate({ filter }, { row, column }, [type]) {
    const [outs, kh, kw, ins] = staticShape(filter.type.shape) as [number, number, number, number];
    const from = numbersOf(filter);
    const out = allocate("f32", countOf(staticShape(type!.shape))) as Float32Array;
    const [rows, columns] = [tapsOf(row, kh), tapsOf(column, kw)];
    const sums = new Float64Array(ins);
    let at = 0;
    for (let o = 0; o < outs; o++)
      for (const r of rows)
        for (const c of columns) {
          sums.fill(0);
          for (const [y, a] of r) for (const [x, b] of c) addScaled(sums, from, ((o * kh + y) * kw + x) * ins, a * b);
          out.set(sums, at);
          at += ins;
        }
    return wrap(type!, out);
  },
});

function addScaled(sums: Float64Array, from: ArrayLike<number>, first: number, share: number): void {
  for (let i = 0; i < sums.length; i++) sums[i]! += from[first + i]! * share;
}
