import {
  allocate,
  countOf,
  isBig,
  type NumberCarrier,
  numbersOf,
  roundTo,
  type TensorData,
  type TensorType,
  wrap,
} from "@tflower/core";
import { extentsOf } from "./axes.ts";
import { broadcastStrides, eachLine } from "./broadcast.ts";

/** Batched matrix product, sums kept in double precision (32-bit integers wrap). `bias` is added to each row. */
export function multiplyMatrices(
  type: TensorType & { readonly shape: readonly number[] },
  x: TensorData,
  y: TensorData,
  transposeX: boolean,
  transposeY: boolean,
  bias: TensorData | undefined,
): TensorData {
  if (isBig(type.dtype)) throw new RangeError(`has no reference semantics for ${type.dtype}`);
  const rank = type.shape.length;
  const [rows, columns] = [type.shape[rank - 2]!, type.shape[rank - 1]!];
  const sx = extentsOf(x);
  const sy = extentsOf(y);
  const inner = sx.at(transposeX ? -2 : -1)!;
  const [xRow, xStep] = transposeX ? [1, rows] : [inner, 1];
  const [yColumn, yStep] = transposeY ? [inner, 1] : [1, columns];
  const a = numbersOf(x);
  const b = numbersOf(y);
  const add = bias && numbersOf(bias);
  const out = allocate(type.dtype, countOf(type.shape)) as NumberCarrier;
  const round = roundTo(type.dtype);
  const batch: readonly number[] = (type.shape as readonly number[]).slice(0, -2);
  // batch axes as one matrix per line of length one: strides count matrices
  const steps = [sx, sy].map((s) => broadcastStrides(s.slice(0, -2), batch));
  const column = new Float64Array(inner);
  let w = 0;
  // a column of the right side at a time: the left side stays in cache, and large weights are read once
  const multiply = (i: number, j: number): void => {
    const at = i * rows * inner;
    for (let c = 0; c < columns; c++) {
      for (let k = 0, q = j * inner * columns + c * yColumn; k < inner; k++, q += yStep) column[k] = b[q]!;
      for (let r = 0; r < rows; r++) {
        const first = at + r * xRow;
        let sum = 0;
        for (let k = 0; k < inner; k++) sum += a[first + k * xStep]! * column[k]!;
        if (add) sum += add[c]!;
        out[w + r * columns + c] = round ? round(sum) : sum;
      }
    }
    w += rows * columns;
  };
  eachLine(batch, steps, (_, n, at, step) => {
    for (let k = 0; k < n; k++) multiply(at[0]! + k * step[0]!, at[1]! + k * step[1]!);
  });
  return wrap(type, out);
}
