import { tfl } from "@tflower/backend-tflite";
import {
  type Dim,
  defineLowering,
  type Emit,
  i32Data,
  isFloat,
  isStaticShape,
  type Rejection,
  reject,
  sizeOf,
  tensorData,
  type Value,
} from "@tflower/core";
import * as aten from "../dialect/max-unpool.ts";
import { castTo, reshapeTo } from "../emit/rearrange.ts";

/**
 * Scatters elements and ones. Windows that overlap name the same position for the same element; the kernel adds those up, so that
 * the sum is divided by how many there were.
 */
const unpool = (
  { self, indices }: { readonly self: Value; readonly indices: Value },
  { output_size }: { readonly output_size: readonly Dim[] },
  emit: Emit,
): Value | Rejection => {
  const { shape, dtype } = self.type;
  if (!isFloat(dtype)) return reject(`divides by how many elements meet, which takes floats, got ${dtype}`);
  if (!isStaticShape(shape) || !isStaticShape(output_size)) return reject("needs static extents");
  const lead = shape.slice(0, -output_size.length);
  const [planes, size] = [sizeOf(lead) as number, sizeOf(output_size) as number];
  const count = sizeOf(shape.slice(-output_size.length)) as number;
  // positions are below the extent of a plane, or PyTorch raises; planes go one after the other
  const starts = i32Data(Array.from({ length: planes }, (_, p) => p * size));
  const inPlane = reshapeTo(emit, castTo(emit, indices, "i32"), [planes, count]);
  const at = emit(tfl.add, { lhs: inPlane, rhs: reshapeTo(emit, emit.constant(starts), [planes, 1]) });
  const rows = reshapeTo(emit, at, [planes * count, 1]);
  const scatter = (updates: Value): Value =>
    emit(tfl.scatterNd, { indices: rows, updates }, { shape: [planes * size] });
  const sums = scatter(reshapeTo(emit, self, [planes * count]));
  const ones = emit.constant(tensorData("f32", [planes * count], new Float32Array(planes * count).fill(1)));
  const meeting = emit(tfl.maximum, { lhs: scatter(ones), rhs: emit.constant(tensorData("f32", [1], [1])) });
  return reshapeTo(emit, emit(tfl.div, { lhs: sums, rhs: meeting }), [...lead, ...output_size]);
};
export const maxUnpool2d = defineLowering(aten.maxUnpool2d, unpool);
export const maxUnpool3d = defineLowering(aten.maxUnpool3d, unpool);
