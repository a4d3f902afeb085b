import { allocate, countOf, staticShape, type TensorData, type TensorType, wrap } from "@tflower/core";
import type { Reduction } from "./reductions.ts";

/** Folds slices of `data` into the rows that their ids name. */
export function foldSegments(type: TensorType, data: TensorData, ids: TensorData, rule: Reduction): TensorData {
  const shape = staticShape(type.shape);
  const out = allocate(type.dtype, countOf(shape));
  out.fill(rule.start(type.dtype) as never);
  const size = countOf(shape.slice(1));
  const fold = rule.fold(type.dtype);
  const to = out as Float32Array;
  const from = data.data as Float32Array;
  ids.data.forEach((id: number | bigint, i: number) => {
    const row = Number(id);
    if (row < 0) return;
    if (row >= shape[0]!) throw new RangeError(`names segment ${row} of ${shape[0]}`);
    for (let k = 0; k < size; k++) to[row * size + k] = fold(to[row * size + k]!, from[i * size + k]!);
  });
  return wrap(type, out);
}
