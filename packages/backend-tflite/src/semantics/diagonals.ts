import type { Carrier } from "@tflower/core";

/** Writes rows of `diagonals` along the diagonals of the matrices in the last two axes of `shape`. */
export function writeDiagonals(out: Carrier, diagonals: Carrier, shape: readonly number[]): void {
  const [rows, columns] = shape.slice(-2) as [number, number];
  const n = Math.min(rows, columns);
  const to = out as Float32Array;
  const from = diagonals as Float32Array;
  for (let m = 0; m * n < from.length; m++)
    for (let i = 0; i < n; i++) to[m * rows * columns + i * (columns + 1)] = from[m * n + i]!;
}
