import { type Dim, invalid, type TensorType } from "@tflower/core";

/** How many variables a tensor holds: rows of a matrix, or one; none of their own for a single row of observations. */
export function variables(x: TensorType): Dim[] {
  if (x.shape.length > 2) invalid(`takes at most two axes, got ${x.shape.length}`);
  return x.shape.length === 2 && x.shape[0] !== 1 ? [x.shape[0]!, x.shape[0]!] : [];
}

/** Covariances of the rows of a matrix whose observations count `w` times; `a` are the weights among them that are no counts. */
export function covariances(
  rows: readonly (readonly number[])[],
  w: readonly number[],
  a: readonly number[] | undefined,
  correction: number,
): number[] {
  const total = w.reduce((x, y) => x + y, 0);
  const taken = a && correction !== 0 ? (correction * w.reduce((s, x, i) => s + x * a[i]!, 0)) / total : correction;
  const factor = Math.max(total - taken, 0);
  const centred = rows.map((row) => {
    const mean = row.reduce((s, v, i) => s + v * w[i]!, 0) / total;
    return row.map((v) => v - mean);
  });
  return centred.flatMap((x) => centred.map((y) => x.reduce((s, v, i) => s + v * y[i]! * w[i]!, 0) / factor));
}
