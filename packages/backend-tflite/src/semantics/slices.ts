import { allocate, countOf, rowMajorStrides, type TensorData, type TensorType, wrap } from "@tflower/core";
import { extentsOf } from "./axes.ts";

export interface SliceGather {
  readonly offset_dims: readonly number[];
  readonly collapsed_slice_dims: readonly number[];
  readonly start_index_map: readonly number[];
  readonly index_vector_dim: number;
  readonly slice_sizes: readonly number[];
}

/** StableHLO's gather, by its definition. */
export function gatherSlices(
  type: TensorType & { readonly shape: readonly number[] },
  x: TensorData,
  starts: TensorData,
  a: SliceGather,
): TensorData {
  const shape = extentsOf(x);
  const strides = rowMajorStrides(shape);
  const from = rowMajorStrides(extentsOf(starts));
  const vector = from[a.index_vector_dim] ?? 0;
  const batchSteps = from.filter((_, i) => i !== a.index_vector_dim);
  const kept = [...shape.keys()].filter((d) => !a.collapsed_slice_dims.includes(d));
  const out = allocate(type.dtype, countOf(type.shape));
  const result: readonly number[] = type.shape;
  const own = rowMajorStrides(result);
  for (let i = 0; i < out.length; i++) {
    let at = 0;
    let start = 0;
    let [b, s] = [0, 0];
    result.forEach((d, axis) => {
      const place = Math.floor(i / own[axis]!) % d;
      if (a.offset_dims.includes(axis)) at += place * strides[kept[s++]!]!;
      else start += place * batchSteps[b++]!;
    });
    a.start_index_map.forEach((d, k) => {
      at += Math.min(Math.max(Number(starts.data[start + k * vector]), 0), shape[d]! - a.slice_sizes[d]!) * strides[d]!;
    });
    out[i] = x.data[at] as never;
  }
  return wrap(type, out);
}
