import {
  allocate,
  countOf,
  type NumberCarrier,
  numbersOf,
  roundTo,
  staticShape,
  type TensorData,
  tensor,
  wrap,
} from "@tflower/core";
import type { Sample } from "./resampling.ts";

/** `x` with its last axes made of samples of themselves, one axis after the other in double precision. */
export function resampled(x: TensorData, axes: readonly (readonly Sample[])[]): TensorData {
  const shape = [...staticShape(x.type.shape)];
  let data: ArrayLike<number> = numbersOf(x);
  axes.forEach((samples, k) => {
    const axis = shape.length - axes.length + k;
    const [outer, from, inner] = [countOf(shape.slice(0, axis)), shape[axis]!, countOf(shape.slice(axis + 1))];
    const next = new Float64Array(outer * samples.length * inner);
    let at = 0;
    for (let o = 0; o < outer; o++)
      for (const sample of samples)
        for (let i = 0; i < inner; i++) {
          let sum = 0;
          for (const [j, w] of sample) sum += data[(o * from + j) * inner + i]! * w;
          next[at++] = sum;
        }
    data = next;
    shape[axis] = samples.length;
  });
  const out = allocate(x.type.dtype, data.length) as NumberCarrier;
  const round = roundTo(x.type.dtype);
  for (let i = 0; i < out.length; i++) out[i] = round ? round(data[i]!) : data[i]!;
  return wrap(tensor(x.type.dtype, shape), out);
}
