import { tfl } from "@tflower/backend-tflite";
import { type Dim, type Emit, tensorData, type Value } from "@tflower/core";
import { div, mul, sub } from "./pointwise.ts";
import { broadcastTo, concatAxis, sliceAxis } from "./rearrange.ts";

const block = (emit: Emit, x: Value, row: number, rows: number, column: number, columns: number): Value =>
  sliceAxis(emit, sliceAxis(emit, x, 1, row, rows), 2, column, columns);

/** Solutions of triangular systems `[N, n, n]` and `[N, n, m]`, row by row; the other triangle is not read. */
export function solveTriangularOf(emit: Emit, a: Value, b: Value, n: number, upper: boolean, unit: boolean): Value {
  const rows: Value[] = [];
  let rest = b;
  for (let step = 0; step < n; step++) {
    const left = n - step;
    // the row to be solved for next is the first one below, the last one above
    const i = upper ? left - 1 : step;
    const own = sliceAxis(emit, rest, 1, upper ? left - 1 : 0, 1);
    const x = unit ? own : div(emit, own, block(emit, a, i, 1, i, 1));
    rows.push(x);
    if (left === 1) break;
    const others = sliceAxis(emit, rest, 1, upper ? 0 : 1, left - 1);
    rest = sub(emit, others, mul(emit, upper ? block(emit, a, 0, i, i, 1) : block(emit, a, i + 1, n - i - 1, i, 1), x));
  }
  return concatAxis(emit, upper ? rows.toReversed() : rows, 1);
}

/** Lower Cholesky factors of `[N, n, n]`, column by column; the upper triangle is not read. */
export function choleskyOf(emit: Emit, a: Value, n: number): Value {
  const batch: Dim = a.type.shape[0]!;
  const columns: Value[] = [];
  let rest = a;
  for (let j = 0; j < n; j++) {
    const rows = n - j;
    const diagonal = emit(tfl.sqrt, { input: block(emit, rest, 0, 1, 0, 1) });
    const above =
      j > 0
        ? [broadcastTo(emit, emit.constant(tensorData(a.type.dtype, [1, j, 1], new Float32Array(j))), [batch, j, 1])]
        : [];
    if (rows === 1) {
      columns.push(concatAxis(emit, [...above, diagonal], 1));
      break;
    }
    const below = div(emit, block(emit, rest, 1, rows - 1, 0, 1), diagonal);
    columns.push(concatAxis(emit, [...above, diagonal, below], 1));
    rest = sub(
      emit,
      block(emit, rest, 1, rows - 1, 1, rows - 1),
      mul(emit, below, emit(tfl.transpose, { input: below }, { perm: [0, 2, 1] })),
    );
  }
  return concatAxis(emit, columns, 2);
}
