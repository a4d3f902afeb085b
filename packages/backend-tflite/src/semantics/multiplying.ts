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
  let w = 0;
  const multiply = (i: number, j: number): void => {
    const at = i * rows * inner;
    const bt = j * inner * columns;
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++) {
        let sum = 0;
        for (let k = 0, p = at + r * xRow, q = bt + c * yColumn; k < inner; k++, p += xStep, q += yStep)
          sum += a[p]! * b[q]!;
        if (add) sum += add[c]!;
        out[w++] = round ? round(sum) : sum;
      }
  };
  eachLine(batch, steps, (_, n, at, step) => {
    for (let k = 0; k < n; k++) multiply(at[0]! + k * step[0]!, at[1]! + k * step[1]!);
  });
  return wrap(type, out);
}
