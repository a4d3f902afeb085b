import {
  allocate,
  countOf,
  type Dim,
  invalid,
  isFloat,
  type NumberCarrier,
  numbersOf,
  roundTo,
  sameShape,
  type TensorData,
  type TensorType,
  tensor,
  wrap,
} from "@tflower/core";
import { differ } from "./matmul-shape.ts";

/** Checks that the last two axes hold square matrices. */
export function squareShape(x: TensorType): readonly Dim[] {
  if (x.shape.length < 2 || differ(x.shape.at(-1), x.shape.at(-2)))
    invalid(`needs square matrices in the last two axes, got extents ${x.shape.slice(-2).map(String).join(" and ")}`);
  return x.shape;
}
/** {@link squareShape} of floats. */
export function squareFloatShape(x: TensorType): readonly Dim[] {
  if (!isFloat(x.dtype)) invalid(`needs a floating-point tensor, got ${x.dtype}`);
  return squareShape(x);
}

/** Matrices of the last two axes as numbers, row by row, those of several tensors side by side; batches are alike. */
export function mapMatrices(
  type: TensorType,
  xs: readonly TensorData[],
  f: (...m: Float64Array[]) => ArrayLike<number>,
): TensorData {
  const count = countOf((xs[0]!.type.shape as readonly number[]).slice(0, -2));
  const read = xs.map((x) => Float64Array.from(numbersOf(x)));
  const parts = Array.from({ length: count }, (_, i) =>
    f(...read.map((r) => r.slice((i * r.length) / count, ((i + 1) * r.length) / count))),
  );
  const per = parts[0]?.length ?? 0;
  const out = allocate(type.dtype, count * per) as NumberCarrier;
  const round = roundTo(type.dtype) ?? ((v: number) => v);
  parts.forEach((p, i) => {
    for (let k = 0; k < per; k++) out[i * per + k] = round(p[k]!);
  });
  return wrap(tensor(type.dtype, type.shape), out);
}

/** Whether right-hand sides are vectors: one, or one for each matrix. */
export const areVectors = (a: readonly Dim[], b: readonly Dim[]): boolean =>
  b.length === 1 || (b.length === a.length - 1 && sameShape(b, a.slice(0, -1)));
