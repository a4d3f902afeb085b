import { countOf, type TensorData, tensor, tensorData, wrap } from "@tflower/core";
import { axisToLast, inversePermutation } from "./permutations.ts";
import { permuted, reshaped, selected } from "./views.ts";

/** Order of two elements as sorts have it: NaN after all numbers. */
export function compareElements(a: number | bigint, b: number | bigint): number {
  const [x, y] = [Number.isNaN(a), Number.isNaN(b)];
  if (x || y) return Number(x) - Number(y);
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Elements along `axis` and where they were, in the order that `order` gives for each line. */
export function ordered(
  x: TensorData,
  axis: number,
  order: (line: ArrayLike<number | bigint>) => readonly number[],
): readonly [TensorData, TensorData] {
  const shape: readonly number[] = x.type.shape.length ? x.type.shape : [1];
  const perm = axisToLast(shape.length, axis);
  const lines = permuted(reshaped(x, shape), perm);
  const extent = shape[axis]!;
  const count = extent === 0 ? 0 : countOf(shape) / extent;
  const orders = Array.from({ length: count }, (_, i) => order(lines.data.subarray(i * extent, (i + 1) * extent)));
  const kept = orders[0]?.length ?? extent;
  const to = [...(lines.type.shape as readonly number[]).slice(0, -1), kept];
  const places = orders.flat();
  const values = selected(lines, to, (i) => Math.floor(i / kept) * extent + places[i]!);
  const indices = tensorData("i64", to, places);
  const back = (d: TensorData): TensorData => permuted(d, inversePermutation(perm));
  return [back(values), back(indices)];
}
/** Places of a line's elements in rising or falling order, equal ones as they come. */
export function sortedPlaces(line: ArrayLike<number | bigint>, descending: boolean): number[] {
  const sign = descending ? -1 : 1;
  return Array.from({ length: line.length }, (_, i) => i).sort(
    (a, b) => sign * compareElements(line[a]!, line[b]!) || a - b,
  );
}
/** `d` without its axes, when what it came from had none. */
export const scalarAgain = (d: TensorData, from: TensorData): TensorData =>
  from.type.shape.length === 0 ? wrap(tensor(d.type.dtype, []), d.data) : d;
