import { allocate, countOf, staticShape, type TensorData, type TensorType, wrap } from "@tflower/core";
import { extentsOf } from "./axes.ts";
import { iota } from "./movement.ts";

/** Larger ones first. Where kernels put NaN depends on everything else; here it comes last. */
const compare = (a: number, b: number): number =>
  a > b ? -1 : a < b ? 1 : Number(Number.isNaN(a)) - Number(Number.isNaN(b));

/** Values and places of the `k` largest along the last axis. */
export function topK(x: TensorData, k: number, types: readonly TensorType[]): TensorData[] {
  const n = extentsOf(x).at(-1)!;
  const rows = n === 0 ? 0 : x.data.length / n;
  const values = allocate(types[0]!.dtype, countOf(staticShape(types[0]!.shape)));
  const places = allocate(types[1]!.dtype, values.length);
  const from = x.data as Float32Array;
  for (let r = 0; r < rows; r++) {
    const at = r * n;
    const order = iota(n).sort((a, b) => compare(from[at + a]!, from[at + b]!) || a - b);
    for (let i = 0; i < k; i++) {
      (values as Float32Array)[r * k + i] = from[at + order[i]!]!;
      (places as Int32Array)[r * k + i] = order[i]!;
    }
  }
  return [wrap(types[0]!, values), wrap(types[1]!, places)];
}
