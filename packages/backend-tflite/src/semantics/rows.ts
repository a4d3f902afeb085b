import {
  allocate,
  type NumberCarrier,
  numbersOf,
  roundTo,
  type TensorData,
  type TensorType,
  wrap,
} from "@tflower/core";
import { extentsOf } from "./axes.ts";

/** Applies `f` to each row along the last axis, in double precision. */
export function mapRows(type: TensorType, x: TensorData, f: (row: Float64Array) => Float64Array): TensorData {
  const n = extentsOf(x).at(-1) ?? 1;
  const from = Float64Array.from(numbersOf(x));
  const out = allocate(type.dtype, from.length) as NumberCarrier;
  const round = roundTo(type.dtype);
  for (let at = 0; at < from.length; at += n) {
    const row = f(from.subarray(at, at + n));
    for (let i = 0; i < n; i++) out[at + i] = round ? round(row[i]!) : row[i]!;
  }
  return wrap(type, out);
}
