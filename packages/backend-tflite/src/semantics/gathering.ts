import {
  allocate,
  countOf,
  isBig,
  rowMajorStrides,
  staticShape,
  type TensorData,
  type TensorType,
  wrap,
} from "@tflower/core";
import { extentsOf } from "./axes.ts";

const outside = (index: number, extent: number): never => {
  throw new RangeError(`reads index ${index} of ${extent} elements, which the kernel refuses at run time`);
};

/** Slices of `x` along `axis` at `indices`; the first `batch` axes of both go together. */
export function gather(type: TensorType, x: TensorData, indices: TensorData, axis: number, batch: number): TensorData {
  const shape = extentsOf(x);
  const out = allocate(type.dtype, countOf(staticShape(type.shape)));
  const from = x.data as Float32Array;
  const to = out as Float32Array;
  const batches = countOf(shape.slice(0, batch));
  const outer = countOf(shape.slice(batch, axis));
  const extent = shape[axis]!;
  const inner = countOf(shape.slice(axis + 1));
  const each = countOf(extentsOf(indices).slice(batch));
  let w = 0;
  for (let b = 0; b < batches; b++)
    for (let o = 0; o < outer; o++)
      for (let k = 0; k < each; k++) {
        const index = Number(indices.data[b * each + k]);
        if (index < 0 || index >= extent) outside(index, extent);
        const at = ((b * outer + o) * extent + index) * inner;
        if (inner === 1) to[w++] = from[at]!;
        else {
          to.set(from.subarray(at, at + inner), w);
          w += inner;
        }
      }
  return wrap(type, out);
}

/** For each index vector, where the slice that it names begins. */
function sliceStarts(
  indices: TensorData,
  shape: readonly number[],
): { readonly starts: number[]; readonly size: number } {
  const depth = extentsOf(indices).at(-1)!;
  const strides = rowMajorStrides(shape);
  const count = countOf(extentsOf(indices).slice(0, -1));
  const starts: number[] = [];
  for (let i = 0; i < count; i++) {
    let at = 0;
    for (let d = 0; d < depth; d++) {
      const index = Number(indices.data[i * depth + d]);
      if (index < 0 || index >= shape[d]!) outside(index, shape[d]!);
      at += index * strides[d]!;
    }
    starts.push(at);
  }
  return { starts, size: countOf(shape.slice(depth)) };
}

export function gatherNd(type: TensorType, x: TensorData, indices: TensorData): TensorData {
  const { starts, size } = sliceStarts(indices, x.type.shape);
  const out = allocate(type.dtype, starts.length * size);
  starts.forEach((at, i) => {
    (out as Float32Array).set((x.data as Float32Array).subarray(at, at + size), i * size);
  });
  return wrap(type, out);
}

/** Zeros, with updates added where they fall on each other. */
export function scatterNd(type: TensorType, indices: TensorData, updates: TensorData): TensorData {
  const shape = staticShape(type.shape);
  const { starts, size } = sliceStarts(indices, shape);
  const out = allocate(type.dtype, countOf(shape));
  const to = out as Float32Array;
  const from = updates.data as Float32Array;
  const logical = type.dtype === "bool";
  starts.forEach((at, i) => {
    for (let k = 0; k < size; k++)
      to[at + k] = logical ? to[at + k]! | from[i * size + k]! : to[at + k]! + from[i * size + k]!;
  });
  return wrap(type, out);
}

export function oneHot(
  type: TensorType,
  indices: TensorData,
  axis: number,
  on: TensorData,
  off: TensorData,
): TensorData {
  const shape = staticShape(type.shape);
  const out = allocate(type.dtype, countOf(shape));
  out.fill((off.data[0] ?? (isBig(type.dtype) ? 0n : 0)) as never);
  const inner = countOf(shape.slice(axis + 1));
  const depth = shape[axis]!;
  indices.data.forEach((v: number | bigint, i: number) => {
    const k = Number(v);
    if (k >= 0 && k < depth)
      (out as Float32Array)[(Math.floor(i / inner) * depth + k) * inner + (i % inner)] = on.data[0] as number;
  });
  return wrap(type, out);
}

/** A tensor of `fill`, with `values` (one each, or one for all) at places: an index, a list of indices, or a list of index vectors. */
export function writeSparse(type: TensorType, indices: TensorData, values: TensorData, fill: TensorData): TensorData {
  const shape = staticShape(type.shape);
  const out = allocate(type.dtype, countOf(shape));
  out.fill(fill.data[0] as never);
  const places = extentsOf(indices);
  const depth = places.length === 2 ? places[1]! : 1;
  const strides = rowMajorStrides(shape);
  for (let i = 0; i * depth < indices.data.length; i++) {
    let at = 0;
    for (let d = 0; d < depth; d++) at += Number(indices.data[i * depth + d]) * strides[d]!;
    out[at] = values.data[values.data.length === 1 ? 0 : i] as never;
  }
  return wrap(type, out);
}
