import {
  allocate,
  copyStrided,
  isBig,
  type NumberCarrier,
  numbersOf,
  roundTo,
  rowMajorStrides,
  type TensorData,
  type TensorType,
  wrap,
} from "@tflower/core";
import { axisOf } from "./axes.ts";
import { linesOf } from "./reduce.ts";

/** Lines along `axis`, each put through `f` which keeps its length, back in their places. */
function putBack(
  type: TensorType,
  shape: readonly number[],
  lines: NumberCarrier | BigInt64Array,
  axis: number,
): TensorData {
  const order = [...shape.keys()].filter((i) => i !== axis).concat(axis);
  const moved = order.map((a) => shape[a]!);
  const strides = rowMajorStrides(moved);
  const out = allocate(type.dtype, lines.length);
  copyStrided(
    lines as Float32Array,
    out,
    shape,
    shape.map((_, i) => strides[order.indexOf(i)]!),
  );
  return wrap({ ...type, shape }, out);
}

/** Puts each line along `dim` through `f`, which keeps its length; a scalar is a line of one. */
export function scanLines(
  type: TensorType,
  x: TensorData,
  dim: number,
  f: (line: NumberCarrier) => ArrayLike<number>,
): TensorData {
  const rank = x.type.shape.length;
  const axis = axisOf(dim, rank);
  const { data, length, count } = linesOf(x, rank ? [axis] : []);
  const numbers = Float64Array.from(numbersOf(wrap(x.type, data)));
  const out = allocate(type.dtype, numbers.length);
  const round = roundTo(type.dtype);
  const big = isBig(type.dtype);
  for (let i = 0; i < count; i++) {
    const line = f(numbers.subarray(i * length, (i + 1) * length));
    for (let k = 0; k < length; k++) {
      if (big) (out as BigInt64Array)[i * length + k] = BigInt(line[k]!);
      else (out as NumberCarrier)[i * length + k] = round ? round(line[k]!) : line[k]!;
    }
  }
  return rank ? putBack(type, x.type.shape, out as NumberCarrier, axis) : wrap({ ...type, shape: [] }, out);
}

/** Puts each line of integers along `dim` through `f` exactly; results wrap to their dtype. */
export function scanIntegers(
  type: TensorType,
  x: TensorData,
  dim: number,
  f: (line: readonly bigint[]) => readonly bigint[],
): TensorData {
  const rank = x.type.shape.length;
  const axis = axisOf(dim, rank);
  const { data, length, count } = linesOf(x, rank ? [axis] : []);
  const out = allocate(type.dtype, data.length);
  const big = isBig(type.dtype);
  for (let i = 0; i < count; i++)
    f(Array.from(data.subarray(i * length, (i + 1) * length), BigInt)).forEach((v, k) => {
      if (big) (out as BigInt64Array)[i * length + k] = BigInt.asIntN(64, v);
      else (out as NumberCarrier)[i * length + k] = Number(BigInt.asIntN(32, v));
    });
  return rank ? putBack(type, x.type.shape, out as NumberCarrier, axis) : wrap({ ...type, shape: [] }, out);
}
