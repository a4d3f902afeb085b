import { tfl } from "@tflower/backend-tflite";
import {
  broadcastShapes,
  type Dim,
  defineLowering,
  type Emit,
  type Rejection,
  reject,
  sizeOf,
  type Value,
} from "@tflower/core";
import * as aten from "../dialect/solve.ts";
import { numberLike } from "../emit/compute.ts";
import { eliminate, eliminationLimit, inverseOf, solutionOf, solvable, stacked, tooLarge } from "../emit/eliminate.ts";
import { zeros } from "../emit/matmul.ts";
import { select } from "../emit/pointwise.ts";
import { broadcastTo, castTo, concatAxis, reshapeTo } from "../emit/rearrange.ts";
import { choleskyOf, solveTriangularOf } from "../emit/triangular.ts";
import { areVectors } from "../semantics/matrices.ts";
import { swappedAxes } from "../semantics/permutations.ts";

export const inverseOp = defineLowering(aten.inverseOp, ({ self }, _, emit) => inverseOf(emit, self));
export const linalgInv = defineLowering(aten.linalgInv, ({ A }, _, emit) => inverseOf(emit, A));

/** The first zero pivot of each matrix, counted from 1; 0 when there is none. */
function firstZeroPivot(emit: Emit, A: Value, n: number): Value {
  const batch = A.type.shape.slice(0, -2);
  if (n === 0 || sizeOf(batch) === 0) return zeros(emit, castTo(emit, numberLike(emit, A, 0), "i32"), batch);
  const { pivots } = eliminate(emit, stacked(emit, A), undefined, n);
  const flat = reshapeTo(emit, concatAxis(emit, pivots, 1), [sizeOf(batch), n]);
  const zero = emit(tfl.equal, { lhs: flat, rhs: numberLike(emit, flat, 0) });
  const at = emit(tfl.argMax, { input: zero }, { axis: 1 });
  const found = select(
    emit,
    emit(tfl.reduceAny, { input: zero }, { axes: [1] }),
    emit(tfl.add, { lhs: at, rhs: numberLike(emit, at, 1) }),
    numberLike(emit, at, 0),
  );
  return reshapeTo(emit, found, batch);
}
export const linalgInvEx = defineLowering(aten.linalgInvEx, ({ A }, _, emit) => {
  const n = solvable(A);
  return n === undefined ? tooLarge : [inverseOf(emit, A) as Value, firstZeroPivot(emit, A, n)];
});

const swapped = (emit: Emit, x: Value): Value =>
  emit(tfl.transpose, { input: x }, { perm: swappedAxes(x.type.shape.length, -2, -1) });
/** Solves by `f`, which takes `[N, n, n]` and `[N, n, m]` and has the matrix on the left. */
function solved(
  emit: Emit,
  A: Value,
  B: Value,
  left: boolean,
  vectors: boolean,
  f: (a: Value, b: Value, n: number) => Value,
): Value | Rejection {
  const n = solvable(A);
  if (n === undefined) return tooLarge;
  const columns = vectors ? reshapeTo(emit, B, [...B.type.shape, 1]) : B;
  const batch: Dim[] = broadcastShapes(A.type.shape.slice(0, -2), columns.type.shape.slice(0, -2));
  const shape = [...batch, ...columns.type.shape.slice(-2)];
  const out = vectors ? shape.slice(0, -1) : shape;
  if (sizeOf(shape) === 0) return zeros(emit, B, out);
  const a = stacked(emit, broadcastTo(emit, A, [...batch, n, n]));
  const b = stacked(emit, broadcastTo(emit, columns, shape));
  return reshapeTo(emit, left ? f(a, b, n) : swapped(emit, f(swapped(emit, a), swapped(emit, b), n)), out);
}
export const linalgSolve = defineLowering(aten.linalgSolve, ({ A, B }, { left }, emit) =>
  solved(emit, A, B, left, areVectors(A.type.shape, B.type.shape), (a, b, n) => solutionOf(emit, a, b, n)),
);
export const linalgSolveEx = defineLowering(aten.linalgSolveEx, ({ A, B }, { left }, emit) => {
  const out = solved(emit, A, B, left, areVectors(A.type.shape, B.type.shape), (a, b, n) => solutionOf(emit, a, b, n));
  return "reason" in out ? out : [out, firstZeroPivot(emit, A, solvable(A)!)];
});
export const linalgSolveTriangular = defineLowering(
  aten.linalgSolveTriangular,
  ({ self, B }, { upper, left, unitriangular }, emit) =>
    solved(emit, self, B, left, false, (a, b, n) => solveTriangularOf(emit, a, b, n, upper === left, unitriangular)),
);

function factor(emit: Emit, self: Value, upper: boolean): Value | Rejection {
  const n = solvable(self);
  if (sizeOf(self.type.shape) === 0) return self;
  if (n === undefined)
    return reject(
      `needs matrices of a static size of at most ${eliminationLimit} rows: LiteRT has no kernel that factors matrices`,
    );
  const a = stacked(emit, self);
  const l = choleskyOf(emit, upper ? swapped(emit, a) : a, n);
  return reshapeTo(emit, upper ? swapped(emit, l) : l, self.type.shape);
}
export const linalgCholesky = defineLowering(aten.linalgCholesky, ({ self }, { upper }, emit) =>
  factor(emit, self, upper),
);
export const choleskyOp = defineLowering(aten.choleskyOp, ({ self }, { upper }, emit) => factor(emit, self, upper));
