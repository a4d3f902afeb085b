import { byteLength, countOf, isStaticShape, type Value } from "@tflower/core";

/** What a value of unknown extents is taken to need. */
const unknown = 1024 * 1024;
const bytesOf = (v: Value): number =>
  isStaticShape(v.type.shape) ? byteLength(v.type.dtype, countOf(v.type.shape)) : unknown;

/** Values in batches of no more than `most` bytes; one that is larger is alone in its batch. */
export function batchValues(values: readonly Value[], most: number): readonly (readonly Value[])[] {
  const batches: Value[][] = [];
  let room = 0;
  for (const v of values) {
    const bytes = bytesOf(v);
    if (batches.length === 0 || bytes > room) {
      batches.push([]);
      room = most;
    }
    batches.at(-1)!.push(v);
    room -= bytes;
  }
  return batches;
}
