import { type Rewriter, tensorData, type Value } from "@tflower/core";
import { add, mul, sub } from "../dialect/elementwise-binary.ts";
import { slice } from "../dialect/slice.ts";
import { constantOf } from "./constant-of.ts";
import type { Tiling } from "./winograd-plan.ts";

/** The filter of the product that takes combination `row` along the rows and `column` along the columns. */
export type FilterOf = (row: number | undefined, column: number | undefined) => Value;

/** Filters of the products of a tiled convolution, each of one element along the axes that are tiled. */
export function combinedFilter(rewriter: Rewriter, filter: Value, [rows]: Tiling): FilterOf {
  const down = rows ? combine(rewriter, filter, 1) : undefined;
  const memo = new Map<Value, readonly Value[]>();
  return (row, column) => {
    const part = row === undefined ? filter : down![row]!;
    if (column === undefined) return part;
    let across = memo.get(part);
    if (!across) memo.set(part, (across = combine(rewriter, part, 2)));
    return across[column]!;
  };
}

/** `w0`, `(w0 + w1 + w2) / 2`, `(w0 - w1 + w2) / 2` and `w2` along `axis`. */
function combine(rewriter: Rewriter, v: Value, axis: number): readonly Value[] {
  const { shape } = v.type;
  const at = (i: number): Value =>
    constantOf(
      rewriter,
      slice,
      { input: v },
      { begin: shape.map((_, k) => (k === axis ? i : 0)), size: shape.with(axis, 1) as readonly number[] },
      v.name,
    );
  const half = rewriter.constant(tensorData("f32", [], [0.5]));
  const halved = (input: Value): Value => constantOf(rewriter, mul, { lhs: input, rhs: half }, {}, v.name);
  const ends = halved(constantOf(rewriter, add, { lhs: at(0), rhs: at(2) }, {}, v.name));
  const middle = halved(at(1));
  return [
    at(0),
    constantOf(rewriter, add, { lhs: ends, rhs: middle }, {}, v.name),
    constantOf(rewriter, sub, { lhs: ends, rhs: middle }, {}, v.name),
    at(2),
  ];
}
