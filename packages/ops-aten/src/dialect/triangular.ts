import {
  attr,
  type Dim,
  invalid,
  showType,
  staticShape,
  type TensorData,
  type TensorType,
  tensor,
  tensorData,
} from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { castData } from "../semantics/pointwise.ts";
import { selected } from "../semantics/views.ts";

const known = (d: Dim): number => (typeof d === "number" ? d : Number.NaN);

/** Ones on the diagonal of a matrix. */
function identity(type: TensorType): TensorData {
  const [rows, columns] = staticShape(type.shape) as readonly [number, number];
  const out = new Float64Array(rows * columns);
  for (let i = 0; i < Math.min(rows, columns); i++) out[i * columns + i] = 1;
  return castData({ type: tensor("f64", [rows, columns]) as TensorData["type"], data: out }, type.dtype);
}
export const eye = defineAten(
  "eye(SymInt n, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
  {
    summary: "The identity matrix.",
    infer: (_, { n, dtype }) => tensor(dtype ?? "f32", [n, n]),
    evaluate: (_, __, [type]) => identity(type!),
  },
);
export const eyeM = defineAten(
  "eye.m(SymInt n, SymInt m, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
  {
    summary: "A matrix with ones on its diagonal.",
    infer: (_, { n, m, dtype }) => tensor(dtype ?? "f32", [n, m]),
    evaluate: (_, __, [type]) => identity(type!),
  },
);

const matrix = (self: TensorType): TensorType =>
  self.shape.length < 2 ? invalid(`takes at least two axes, got ${showType(self)}`) : tensor(self.dtype, self.shape);
/** `x` where `keeps(column - row)`, zero elsewhere. */
function triangle(x: TensorData, keeps: (offset: number) => boolean): TensorData {
  const shape: readonly number[] = x.type.shape;
  const [rows, columns] = shape.slice(-2) as [number, number];
  return selected(x, shape, (i) => (keeps((i % columns) - (Math.floor(i / columns) % rows)) ? i : -1));
}
export const tril = defineAten("tril(Tensor self, SymInt diagonal=0) -> Tensor", {
  summary: "Matrices with zeros above a diagonal.",
  infer: ({ self }) => matrix(self),
  evaluate: ({ self }, { diagonal }) => triangle(self, (d) => d <= known(diagonal)),
});
export const triu = defineAten("triu(Tensor self, SymInt diagonal=0) -> Tensor", {
  summary: "Matrices with zeros below a diagonal.",
  infer: ({ self }) => matrix(self),
  evaluate: ({ self }, { diagonal }) => triangle(self, (d) => d >= known(diagonal)),
});

/** Places of a triangle, row by row: all rows above all columns. */
function places(rows: number, columns: number, keeps: (offset: number) => boolean): readonly [number[], number[]] {
  const at: [number[], number[]] = [[], []];
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++)
      if (keeps(c - r)) {
        at[0].push(r);
        at[1].push(c);
      }
  return at;
}
type Triangle = { readonly row: number; readonly col: number; readonly offset: number };
const lower = ({ row, col, offset }: Triangle) => places(row, col, (d) => d <= offset);
const upper = ({ row, col, offset }: Triangle) => places(row, col, (d) => d >= offset);
const attrs = { row: attr.int, col: attr.int } as const;

export const trilIndices = defineAten(
  "tril_indices(int row, int col, int offset=0, *, ScalarType? dtype=long, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
  {
    summary: "Rows and columns of the places on and below a diagonal.",
    attrs,
    infer: (_, a) => tensor(a.dtype ?? "i64", [2, lower(a)[0].length]),
    evaluate: (_, a, [type]) => tensorData(type!.dtype, staticShape(type!.shape), lower(a).flat()),
  },
);
export const triuIndices = defineAten(
  "triu_indices(int row, int col, int offset=0, *, ScalarType? dtype=long, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
  {
    summary: "Rows and columns of the places on and above a diagonal.",
    attrs,
    infer: (_, a) => tensor(a.dtype ?? "i64", [2, upper(a)[0].length]),
    evaluate: (_, a, [type]) => tensorData(type!.dtype, staticShape(type!.shape), upper(a).flat()),
  },
);
