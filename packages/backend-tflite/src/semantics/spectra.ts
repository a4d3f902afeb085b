import { allocate, numbersOf, type TensorData, type TensorType, wrap } from "@tflower/core";
import { extentsOf } from "./axes.ts";

/** One real number for each complex one. */
export function complexToReal(type: TensorType, x: TensorData, f: (re: number, im: number) => number): TensorData {
  const from = numbersOf(x);
  const out = allocate(type.dtype, from.length / 2);
  for (let i = 0; i < out.length; i++) out[i] = f(from[2 * i]!, from[2 * i + 1]!);
  return wrap(type, out);
}

/** By the definition, one axis after the other. */
export function realFourier2d(
  type: TensorType & { readonly shape: readonly number[] },
  x: TensorData,
  length: readonly number[],
): TensorData {
  const [n, m] = length as [number, number];
  const [rows, columns] = extentsOf(x).slice(-2) as [number, number];
  const half = Math.floor(m / 2) + 1;
  const from = numbersOf(x);
  const count = from.length / (rows * columns);
  const out = allocate(type.dtype, count * n * half) as Float32Array;
  const [usedRows, usedColumns] = [Math.min(rows, n), Math.min(columns, m)];
  const turn = (k: number, j: number, of: number): [number, number] => {
    const angle = (-2 * Math.PI * ((k * j) % of)) / of;
    return [Math.cos(angle), Math.sin(angle)];
  };
  for (let b = 0; b < count; b++) {
    const re = new Float64Array(usedRows * half);
    const im = new Float64Array(usedRows * half);
    for (let r = 0; r < usedRows; r++)
      for (let k = 0; k < half; k++)
        for (let j = 0; j < usedColumns; j++) {
          const [c, s] = turn(k, j, m);
          const v = from[(b * rows + r) * columns + j]!;
          re[r * half + k]! += v * c;
          im[r * half + k]! += v * s;
        }
    for (let k = 0; k < half; k++)
      for (let q = 0; q < n; q++) {
        let [sumRe, sumIm] = [0, 0];
        for (let r = 0; r < usedRows; r++) {
          const [c, s] = turn(q, r, n);
          sumRe += re[r * half + k]! * c - im[r * half + k]! * s;
          sumIm += re[r * half + k]! * s + im[r * half + k]! * c;
        }
        const at = 2 * ((b * n + q) * half + k);
        out[at] = sumRe;
        out[at + 1] = sumIm;
      }
  }
  return wrap(type, out);
}
