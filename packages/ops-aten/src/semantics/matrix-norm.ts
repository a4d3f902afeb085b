import { type DimExpr, invalid, type Scalar, type TensorData, type TensorType, tensor } from "@tflower/core";
import { axisOf } from "./axes.ts";
import { castData } from "./pointwise.ts";
import { realOf } from "./real-scalar.ts";
import { linesOf, reduceAxes, reducedShape, reduceNumbers, shapedFor, sumOf } from "./reduce.ts";
import { vectorNorm } from "./vector-norm.ts";

/** `p`, or "fro" for the root of the sum of squares, or "nuc" for the sum of singular values. */
export type MatrixOrder = number | "fro" | "nuc";
export function matrixOrderOf(ord: Scalar | DimExpr | string): MatrixOrder {
  if (typeof ord !== "string") return realOf(ord, "the order of a norm");
  return ord === "fro" || ord === "nuc" ? ord : invalid(`knows the orders "fro" and "nuc", got "${ord}"`);
}

/** The two axes of the matrices: rows, then columns. */
export function matrixAxes(dim: readonly number[], rank: number): [number, number] {
  if (dim.length !== 2) invalid(`needs two axes, got ${dim.length}`);
  const [rows, columns] = dim.map((d) => axisOf(d, rank)) as [number, number];
  if (rows === columns) invalid(`rows and columns are the same axis ${rows}`);
  return [rows, columns];
}

/** What `linalg_norm` computes: a vector norm over axes, or a norm of matrices. */
export interface PlainNorm {
  readonly matrix: boolean;
  readonly order: MatrixOrder;
  readonly axes: readonly number[];
}
export function plainNorm(rank: number, ord: MatrixOrder | undefined, dim: readonly number[] | undefined): PlainNorm {
  if (ord === undefined) return { matrix: false, order: 2, axes: reduceAxes(dim, rank) };
  if (dim)
    return typeof ord === "string" || dim.length === 2
      ? { matrix: true, order: ord, axes: matrixAxes(dim, rank) }
      : { matrix: false, order: ord, axes: reduceAxes(dim, rank) };
  if (rank === 2) return { matrix: true, order: ord, axes: [0, 1] };
  if (rank === 1 && typeof ord === "number") return { matrix: false, order: ord, axes: [0] };
  return invalid(`an order without axes needs a vector or a matrix, got rank ${rank}`);
}

/** Norm of the matrices in two axes of `x`. */
export function matrixNormData(
  x: TensorData,
  order: MatrixOrder,
  [rows, columns]: readonly [number, number],
  type: TensorType,
): TensorData {
  const both = [rows, columns].sort((a, b) => a - b);
  if (order === "fro") return reduceNumbers(type, x, both, (line) => vectorNorm(line, 2));
  if (order === "nuc" || Math.abs(order) === 2) return bySingularValues(x, order, rows, columns, type);
  if (Math.abs(order) !== 1 && Math.abs(order) !== Infinity)
    return invalid(`knows the orders 1, 2 and infinity and their negatives, got ${order}`);
  const summed = Math.abs(order) === 1 ? rows : columns;
  const other = summed === rows ? columns : rows;
  const sums = reduceNumbers(tensor("f64", reducedShape(x.type.shape, [summed], true)), x, [summed], (line) =>
    vectorNorm(line, 1),
  );
  const out = reduceNumbers(tensor("f64", reducedShape(x.type.shape, both, true)), sums, [other], (line) =>
    order > 0 ? vectorNorm(line, Infinity) : vectorNorm(line, -Infinity),
  );
  return { type: shapedFor(type, x, both) as TensorData["type"], data: castData(out, type.dtype).data };
}

function bySingularValues(
  x: TensorData,
  order: MatrixOrder,
  rows: number,
  columns: number,
  type: TensorType,
): TensorData {
  const { data, length, count } = linesOf(x, [rows, columns]);
  const [m, n] = [x.type.shape[rows]!, x.type.shape[columns]!];
  const out = Array.from({ length: count }, (_, i) => {
    const values = singularValues(Float64Array.from(data.subarray(i * length, (i + 1) * length) as Float64Array), m, n);
    return order === "nuc" ? sumOf(values) : (order as number) > 0 ? Math.max(...values) : Math.min(...values);
  });
  const shaped = shapedFor(type, x, [rows, columns]);
  return castData(
    { type: { ...shaped, dtype: "f64" } as TensorData["type"], data: Float64Array.from(out) },
    type.dtype,
  );
}

/** Singular values of an `m x n` matrix by one-sided Jacobi rotations. */
function singularValues(a: Float64Array, m: number, n: number): number[] {
  // columns are rotated against each other until they are orthogonal; their lengths are the singular values
  const wide = n > m;
  const [rows, columns] = wide ? [n, m] : [m, n];
  const v = Array.from({ length: columns }, (_, c) =>
    Float64Array.from({ length: rows }, (_x, r) => (wide ? a[c * n + r]! : a[r * n + c]!)),
  );
  const dot = (x: Float64Array, y: Float64Array): number => x.reduce((s, e, i) => s + e * y[i]!, 0);
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0;
    for (let p = 0; p < columns; p++)
      for (let q = p + 1; q < columns; q++) {
        const [alpha, beta, gamma] = [dot(v[p]!, v[p]!), dot(v[q]!, v[q]!), dot(v[p]!, v[q]!)];
        if (Math.abs(gamma) <= 1e-16 * Math.sqrt(alpha * beta) || gamma === 0) continue;
        off++;
        const zeta = (beta - alpha) / (2 * gamma);
        const t = (zeta >= 0 ? 1 : -1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
        const c = 1 / Math.sqrt(1 + t * t);
        for (let r = 0; r < rows; r++) {
          const [x, y] = [v[p]![r]!, v[q]![r]!];
          v[p]![r] = c * x - c * t * y;
          v[q]![r] = c * t * x + c * y;
        }
      }
    if (off === 0) break;
  }
  return v.map((col) => Math.sqrt(dot(col, col)));
}
