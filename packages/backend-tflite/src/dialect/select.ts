import {
  broadcastShapes,
  invalid,
  operand,
  sameShape,
  showType,
  type TensorType,
  tensor,
  tensorData,
  withShape,
  wrap,
} from "@tflower/core";
import { isZero } from "../semantics/cast.ts";
import { selectElements } from "../semantics/pointwise.ts";
import { defineTfl } from "./define-tfl.ts";

const operands = { condition: operand.bool, x: operand.tensor, y: operand.tensor } as const;

function sameDType(x: TensorType, y: TensorType): void {
  if (x.dtype !== y.dtype)
    invalid(`chooses between operands of one dtype, got ${showType(x)} and ${showType(y)}; cast one of them`);
}

export const select = defineTfl("SELECT", {
  summary:
    "`x` where the condition holds, `y` elsewhere: both of one shape, the condition of the same shape, rank 0, or one element per row.",
  options: "SelectOptions",
  operands,
  infer({ condition, x, y }) {
    sameDType(x, y);
    const fits =
      sameShape(condition.shape, x.shape) ||
      condition.shape.length === 0 ||
      (condition.shape.length === 1 && x.shape.length > 1);
    if (!fits || x.shape.length !== y.shape.length)
      invalid(
        `takes operands of one shape, got ${showType(condition)}, ${showType(x)} and ${showType(y)}; use tfl.select_v2 to broadcast`,
      );
    return x;
  },
  evaluate({ condition, x, y }, _, [type]) {
    const rank = type!.shape.length;
    const [rows] = condition.type.shape;
    const byRow = condition.type.shape.length === 1 && rank > 1;
    const aligned = byRow
      ? wrap(tensor("bool", [rows!, ...new Array<number>(rank - 1).fill(1)]), condition.data)
      : condition;
    return selectElements(type!, aligned, x, y);
  },
});

export const selectV2 = defineTfl("SELECT_V2", {
  summary: "`x` where the condition holds, `y` elsewhere; all three broadcast.",
  options: "SelectV2Options",
  operands,
  traits: { elementwise: true },
  infer({ condition, x, y }) {
    sameDType(x, y);
    return withShape(x, broadcastShapes(condition.shape, x.shape, y.shape));
  },
  evaluate: ({ condition, x, y }, _, [type]) => selectElements(type!, condition, x, y),
});

export const where = defineTfl("WHERE", {
  summary:
    "Indices of the elements that are not zero, one row each, in row-major order. How many there are depends on the data, so types are given.",
  options: "WhereOptions",
  operands: { condition: operand.tensor },
  evaluate({ condition }) {
    const { shape } = condition.type;
    const rows: number[] = [];
    let count = 0;
    condition.data.forEach((v: number | bigint, i: number) => {
      if (isZero(v)) return;
      count++;
      let rest = i;
      const row: number[] = [];
      for (let d = shape.length - 1; d >= 0; d--) {
        row.unshift(rest % shape[d]!);
        rest = Math.floor(rest / shape[d]!);
      }
      rows.push(...row);
    });
    return tensorData("i64", [count, shape.length], rows);
  },
});
