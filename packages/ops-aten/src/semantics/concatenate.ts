import { allocate, countOf, type DType, isComplex, type TensorData, tensor, wrap } from "@tflower/core";
import { castData } from "./pointwise.ts";

/** `parts` one after the other along `axis`, in `dtype`. */
export function concatenated(parts: readonly TensorData[], axis: number, dtype: DType): TensorData {
  const first: readonly number[] = parts[0]!.type.shape;
  const total = parts.reduce((n, p) => n + p.type.shape[axis]!, 0);
  const shape = first.map((d, i) => (i === axis ? total : d));
  const lanes = isComplex(dtype) ? 2 : 1;
  const outer = countOf(first.slice(0, axis));
  const inner = countOf(first.slice(axis + 1)) * lanes;
  const out = allocate(dtype, countOf(shape)) as Float32Array;
  let at = 0;
  for (const p of parts) {
    const from = castData(p, dtype).data as Float32Array;
    const run = p.type.shape[axis]! * inner;
    for (let o = 0; o < outer; o++) out.set(from.subarray(o * run, (o + 1) * run), o * total * inner + at);
    at += run;
  }
  return wrap(tensor(dtype, shape), out);
}
