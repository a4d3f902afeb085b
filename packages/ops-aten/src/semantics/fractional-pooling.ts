import { allocate, countOf, staticShape, type TensorData, tensor, wrap } from "@tflower/core";
import { maxPooled } from "./pooling.ts";
import { reshaped } from "./views.ts";

/** Where windows begin: about evenly spread, shifted by a sample between 0 and 1; the last one ends with the axis. */
function starts(sample: number, extent: number, kernel: number, count: number): number[] {
  const step = count > 1 ? Math.fround(Math.fround(extent - kernel) / Math.fround(count - 1)) : 0;
  const at = (i: number): number => Math.trunc(Math.fround(Math.fround(i + sample) * step));
  return Array.from({ length: count }, (_, i) => (i === count - 1 ? extent - kernel : at(i) - at(0)));
}

/** Pools each plane by windows of its own. Samples come per plane: for images of the width first, for volumes of the depth. */
export function fractionallyPooled(
  self: TensorData,
  samples: ArrayLike<number>,
  kernel: readonly number[],
  size: readonly number[],
): [TensorData, TensorData] {
  const shape = staticShape(self.type.shape);
  const rank = size.length;
  const space = shape.slice(-rank);
  const planes = countOf(shape.slice(0, -rank));
  const [from, to] = [countOf(space), countOf(size)];
  const out = [...shape.slice(0, -rank), ...size];
  const values = allocate(self.type.dtype, planes * to);
  const indices = allocate("i64", planes * to) as BigInt64Array;
  for (let p = 0; p < planes; p++) {
    const plane = reshaped(wrap(tensor(self.type.dtype, [from]), self.data.slice(p * from, (p + 1) * from)), [
      1,
      ...space,
    ]);
    const taps = size.map((n, d) => {
      const sample = samples[p * rank + (rank === 2 ? 1 - d : d)]!;
      return starts(sample, space[d]!, kernel[d]!, n).map((s) =>
        Array.from({ length: kernel[d]! }, (_, k) => [k, s + k] as const),
      );
    });
    const [best, at] = maxPooled(plane, taps);
    values.set(best.data as never, p * to);
    indices.set(at.data as BigInt64Array, p * to);
  }
  return [wrap(tensor(self.type.dtype, out), values), wrap(tensor("i64", out), indices)];
}
