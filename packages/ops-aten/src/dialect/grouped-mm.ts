import {
  allocate,
  countOf,
  invalid,
  numbersOf,
  operand,
  roundTo,
  showType,
  staticShape,
  type TensorData,
  type TensorType,
  tensor,
  wrap,
} from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { differ } from "../semantics/matmul-shape.ts";

interface Grouped<T> {
  readonly rows: T;
  readonly matrices: T;
  readonly ends: T;
}
function groupedType({ rows, matrices, ends }: Grouped<TensorType>, dtype = rows.dtype): TensorType {
  if (rows.shape.length !== 2 || matrices.shape.length !== 3 || ends.shape.length !== 1)
    invalid(
      `takes rows, a matrix for each group, and where groups end, got ${[rows, matrices, ends].map(showType).join(", ")}`,
    );
  if (differ(rows.shape[1], matrices.shape[1]) || differ(ends.shape[0], matrices.shape[0]))
    invalid(`cannot multiply ${showType(rows)} by ${showType(matrices)} in groups that end at ${showType(ends)}`);
  return tensor(dtype, [rows.shape[0]!, matrices.shape[2]!]);
}
/** Rows of group `e` times matrix `e`; rows behind the last group are zeros. */
function groupedProduct({ rows, matrices, ends }: Grouped<TensorData>, type: TensorType): TensorData {
  const [, depth, columns] = staticShape(matrices.type.shape) as [number, number, number];
  const [x, w, to] = [numbersOf(rows), numbersOf(matrices), numbersOf(ends)];
  const out = allocate(type.dtype, countOf(staticShape(type.shape))) as Float32Array;
  const round = roundTo(type.dtype) ?? ((v: number) => v);
  let row = 0;
  for (let e = 0; e < to.length; e++)
    for (; row < to[e]! && row < rows.type.shape[0]!; row++)
      for (let c = 0; c < columns; c++) {
        let sum = 0;
        for (let k = 0; k < depth; k++) sum += x[row * depth + k]! * w[(e * depth + k) * columns + c]!;
        out[row * columns + c] = round(sum);
      }
  return wrap(type, out);
}

/** Mixtures of experts as transformers exports them. */
export const groupedMmFallback = defineAten(
  "transformers::grouped_mm_fallback(Tensor input, Tensor weight, Tensor offs) -> Tensor",
  {
    summary: "Rows of each group, which follow one another and end at `offs`, times the group's own matrix.",
    operands: { input: operand.float, weight: operand.float, offs: operand.dtype("i32", "i64") },
    infer: ({ input, weight, offs }) => groupedType({ rows: input, matrices: weight, ends: offs }),
    evaluate: ({ input, weight, offs }, _, [type]) =>
      groupedProduct({ rows: input, matrices: weight, ends: offs }, type!),
  },
);

export const groupedMm = defineAten(
  "_grouped_mm(Tensor self, Tensor mat2, Tensor? offs=None, Tensor? bias=None, ScalarType? out_dtype=None) -> Tensor",
  {
    summary: "Rows of each group, which follow one another and end at `offs`, times the group's own matrix.",
    operands: { self: operand.float, mat2: operand.float, offs: operand.optional(operand.dtype("i32")) },
    infer({ self, mat2, offs, bias }, { out_dtype }) {
      if (!offs || bias) return invalid("is known for groups of rows that end at offs, without a bias");
      return groupedType({ rows: self, matrices: mat2, ends: offs }, out_dtype ?? self.dtype);
    },
    evaluate: ({ self, mat2, offs }, _, [type]) => groupedProduct({ rows: self, matrices: mat2, ends: offs! }, type!),
  },
);
