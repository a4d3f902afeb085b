import { tfl } from "@tflower/backend-tflite";
import { addDim, type Dim, type Emit, isStatic, tensorData, type Value } from "@tflower/core";
import { reshapeTo } from "./rearrange.ts";

/** Places along an axis as int32, counted when the program runs. */
export const countTo = (emit: Emit, extent: Dim, from: Dim = 0): Value =>
  emit(tfl.range, {}, { start: from, limit: addDim(from, extent) });

/** Matrices up to this many elements are held as constants. */
const held = 65536;

/** Which places of a `rows` by `columns` matrix stand in a relation: `row + diagonal` against `column`. */
export function placesWhere(
  emit: Emit,
  how: "equal" | "atMost" | "atLeast",
  rows: Dim,
  columns: Dim,
  diagonal: Dim,
): Value {
  const holds = { equal: (d: number) => d === 0, atMost: (d: number) => d <= 0, atLeast: (d: number) => d >= 0 }[how];
  if (isStatic(rows) && isStatic(columns) && isStatic(diagonal) && rows * columns <= held) {
    const out = Array.from({ length: rows * columns }, (_, i) =>
      holds((i % columns) - Math.floor(i / columns) - diagonal),
    );
    return emit.constant(tensorData("bool", [rows, columns], out));
  }
  const row = reshapeTo(emit, countTo(emit, rows, diagonal), [rows, 1]);
  const column = reshapeTo(emit, countTo(emit, columns), [1, columns]);
  const op = { equal: tfl.equal, atMost: tfl.lessEqual, atLeast: tfl.greaterEqual }[how] as typeof tfl.lessEqual;
  return emit(op, { lhs: column, rhs: row });
}
