import { rowMajorStrides, type TensorData, type TensorType, wrap } from "@tflower/core";

/** Reverses the first `lengths[b]` elements along one axis in each row of another. */
export function reverseRows(
  type: TensorType,
  x: TensorData,
  lengths: readonly number[],
  along: number,
  batch: number,
): TensorData {
  const strides = rowMajorStrides(x.type.shape);
  const out = x.data.slice();
  for (let i = 0; i < out.length; i++) {
    const at = Math.floor(i / strides[along]!) % x.type.shape[along]!;
    const n = lengths[Math.floor(i / strides[batch]!) % x.type.shape[batch]!]!;
    if (at < n) out[i + (n - 1 - 2 * at) * strides[along]!] = x.data[i]!;
  }
  return wrap(type, out);
}
