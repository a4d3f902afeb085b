import { tfl } from "@tflower/backend-tflite";
import { type Emit, isStatic, type Rejection, reject, scalarData, sizeOf, tensorData, type Value } from "@tflower/core";
import { numberLike } from "./compute.ts";
import { div, mul, select, sub, times } from "./pointwise.ts";
import { broadcastTo, castTo, concatAxis, reshapeTo, sliceAxis } from "./rearrange.ts";
import { sumOver } from "./reduce.ts";

/** Rows and columns up to which systems are solved by ops in a row, some twenty for each row. */
export const eliminationLimit = 24;

/** What an elimination with partial pivoting finds: pivots `[N, 1, 1]`, signs of row exchanges, and what is right of the matrix, multiplied by its inverse. */
export interface Elimination {
  readonly pivots: readonly Value[];
  /** 1 where no rows were exchanged, -1 where they were. */
  readonly signs: readonly Value[];
  readonly right: Value | undefined;
}

/** Gauss-Jordan elimination of `[N, n, n]` with `[N, n, m]` on its right, written out row by row. Without a right side only pivots are computed. */
export function eliminate(emit: Emit, a: Value, right: Value | undefined, n: number): Elimination {
  const pivots: Value[] = [];
  const signs: Value[] = [];
  let done: Value | undefined;
  let rest = right ? concatAxis(emit, [a, right], 2) : a;
  for (let k = 0; k < n; k++) {
    const rows = n - k;
    const column = sliceAxis(emit, rest, 2, 0, 1);
    let pivotRow = rest;
    let below: Value | undefined;
    if (rows > 1) {
      const at = emit(
        tfl.argMax,
        { input: reshapeTo(emit, emit(tfl.abs, { input: column }), [column.type.shape[0]!, rows]) },
        { axis: 1 },
      );
      const hot = emit(
        tfl.oneHot,
        {
          indices: at,
          on_value: emit.constant(scalarData("bool", true)),
          off_value: emit.constant(scalarData("bool", false)),
        },
        { depth: rows },
      );
      const chosen = reshapeTo(emit, hot, [at.type.shape[0]!, rows, 1]);
      pivotRow = sumOver(emit, select(emit, chosen, rest, numberLike(emit, rest, 0)), [1], true);
      below = sliceAxis(emit, select(emit, chosen, sliceAxis(emit, rest, 1, 0, 1), rest), 1, 1, rows - 1);
      const exchanged = castTo(emit, emit(tfl.notEqual, { lhs: at, rhs: numberLike(emit, at, 0) }), rest.type.dtype);
      signs.push(
        reshapeTo(emit, sub(emit, numberLike(emit, rest, 1), times(emit, exchanged, 2)), [at.type.shape[0]!, 1, 1]),
      );
    }
    const pivot = sliceAxis(emit, pivotRow, 2, 0, 1);
    pivots.push(pivot);
    const width = rest.type.shape[2] as number;
    if (width === 1) break;
    const tail = (x: Value): Value => sliceAxis(emit, x, 2, 1, width - 1);
    // without a right side a zero pivot only has to leave zeros
    const divisor = right
      ? pivot
      : select(
          emit,
          emit(tfl.equal, { lhs: pivot, rhs: numberLike(emit, pivot, 0) }),
          numberLike(emit, pivot, 1),
          pivot,
        );
    const unit = div(emit, tail(pivotRow), divisor);
    const cleared = (x: Value): Value => sub(emit, tail(x), mul(emit, sliceAxis(emit, x, 2, 0, 1), unit));
    if (right) done = done ? concatAxis(emit, [cleared(done), unit], 1) : unit;
    if (below) rest = cleared(below);
  }
  return { pivots, signs, right: done };
}

/** Matrices of any batch as `[N, n, m]`. */
export const stacked = (emit: Emit, x: Value): Value =>
  reshapeTo(emit, x, [sizeOf(x.type.shape.slice(0, -2)), ...x.type.shape.slice(-2)]);
export const tooLarge = reject(
  `needs matrices of a static size of at most ${eliminationLimit} rows: LiteRT has no kernel that solves systems of equations`,
);
/** The size of square matrices that can be solved. */
export function solvable(x: Value): number | undefined {
  const n = x.type.shape.at(-1)!;
  return isStatic(n) && n <= eliminationLimit ? n : undefined;
}

/** Solutions of `a x = b` for `[N, n, n]` and `[N, n, m]`. PyTorch raises an error for a singular matrix; here it gives infinities and NaN. */
export const solutionOf = (emit: Emit, a: Value, b: Value, n: number): Value => eliminate(emit, a, b, n).right!;

function identityLike(emit: Emit, x: Value, n: number): Value {
  const one = emit.constant(
    tensorData(
      x.type.dtype,
      [1, n, n],
      Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0)),
    ),
  );
  return broadcastTo(emit, one, [x.type.shape[0]!, n, n]);
}
/** Inverses of square matrices. */
export function inverseOf(emit: Emit, x: Value): Value | Rejection {
  const n = solvable(x);
  if (sizeOf(x.type.shape) === 0) return x;
  if (n === undefined) return tooLarge;
  const a = stacked(emit, x);
  return reshapeTo(emit, solutionOf(emit, a, identityLike(emit, a, n), n), x.type.shape);
}
