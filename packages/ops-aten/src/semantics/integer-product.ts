import { numbersOf, type TensorData, type TensorType, wrap } from "@tflower/core";

/** Product of two matrices of small integers, whose sums wrap around at 32 bits. */
export function multiplied(a: TensorData, b: TensorData, type: TensorType): TensorData {
  const [rows, inner] = a.type.shape as readonly [number, number];
  const columns = b.type.shape[1]!;
  const [x, y] = [numbersOf(a), numbersOf(b)];
  const out = new Int32Array(rows * columns);
  for (let r = 0; r < rows; r++)
    for (let k = 0; k < inner; k++) {
      const v = x[r * inner + k]!;
      for (let c = 0; c < columns; c++) out[r * columns + c]! += v * y[k * columns + c]!;
    }
  return wrap(type, out);
}
