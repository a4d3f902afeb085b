import { allocate, countOf, staticShape, type TensorData, tensor, wrap } from "@tflower/core";

/** Zeros of `[..., ...size]`, with each element of `x` at its position in the plane; where several meet, the last stays. */
export function unpooled(x: TensorData, positions: TensorData, size: readonly number[]): TensorData {
  const shape = staticShape(x.type.shape);
  const lead = shape.slice(0, -size.length);
  const [from, to] = [countOf(shape.slice(-size.length)), countOf(size)];
  const out = allocate(x.type.dtype, countOf(lead) * to);
  for (let i = 0; i < x.data.length; i++) {
    const at = Number(positions.data[i]);
    if (at < 0 || at >= to) throw new RangeError(`position ${at} is outside of a plane of ${to} elements`);
    out[Math.floor(i / from) * to + at] = x.data[i]!;
  }
  return wrap(tensor(x.type.dtype, [...lead, ...size]), out);
}
