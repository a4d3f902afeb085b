import { broadcastShapes, type Dim, invalid, type TensorData, type TensorType, tensor } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { cholesky, inverse, singularAt, solve, solveTriangular, transpose } from "../semantics/linear-algebra.ts";
import { differ } from "../semantics/matmul-shape.ts";
import { areVectors, mapMatrices, squareFloatShape } from "../semantics/matrices.ts";
import { broadcasted, reshaped } from "../semantics/views.ts";

const inverseType = (x: TensorType): TensorType => tensor(x.dtype, squareFloatShape(x));
const inverses = (x: TensorData): TensorData => mapMatrices(x.type, [x], (m) => inverse(m!));
const info = (x: TensorData): TensorData =>
  mapMatrices(tensor("i32", x.type.shape.slice(0, -2)), [x], (m) => [singularAt(m!)]);

export const inverseOp = defineAten("inverse(Tensor self) -> Tensor", {
  summary: "Inverses of square matrices.",
  infer: ({ self }) => inverseType(self),
  evaluate: ({ self }) => inverses(self),
});
export const linalgInv = defineAten("linalg_inv(Tensor A) -> Tensor", {
  summary: "Inverses of square matrices.",
  infer: ({ A }) => inverseType(A),
  evaluate: ({ A }) => inverses(A),
});
export const linalgInvEx = defineAten(
  "linalg_inv_ex(Tensor A, *, bool check_errors=False) -> (Tensor inverse, Tensor info)",
  {
    summary: "Inverses of square matrices, and for each the first zero pivot, counted from 1.",
    infer: ({ A }) => [inverseType(A), tensor("i32", A.shape.slice(0, -2))],
    evaluate: ({ A }) => [inverses(A), info(A)],
  },
);

/** Shape of the solution of systems of linear equations. */
function solutionShape(A: TensorType, B: TensorType, left: boolean, vectors: boolean): Dim[] {
  const a = squareFloatShape(A);
  const b = vectors ? [...B.shape, 1] : B.shape;
  if (b.length < 2) invalid("needs right-hand sides of at least one axis");
  if (differ(a.at(-1), left ? b.at(-2) : b.at(-1)))
    invalid(`has ${String(a.at(-1))} equations for right-hand sides of ${String(left ? b.at(-2) : b.at(-1))} elements`);
  return [...broadcastShapes(a.slice(0, -2), b.slice(0, -2)), ...b.slice(-2)];
}
const solutionType = (A: TensorType, B: TensorType, left: boolean): TensorType => {
  const vectors = areVectors(A.shape, B.shape);
  const shape = solutionShape(A, B, left, vectors);
  return tensor(B.dtype, vectors ? shape.slice(0, -1) : shape);
};
/** Solves by `f`, which has the matrix on the left. */
function solutions(
  A: TensorData,
  B: TensorData,
  left: boolean,
  vectors: boolean,
  f: (a: Float64Array, b: Float64Array) => Float64Array,
): TensorData {
  const shape = solutionShape(A.type, B.type, left, vectors) as number[];
  const n = (A.type.shape as readonly number[]).at(-1)!;
  const b = broadcasted(vectors ? reshaped(B, [...B.type.shape, 1]) : B, shape);
  const a = broadcasted(A, [...shape.slice(0, -2), n, n]);
  const out = mapMatrices(tensor(B.type.dtype, shape), [a, b], (m, r) =>
    left ? f(m!, r!) : transpose(f(transpose(m!, n), transpose(r!, shape.at(-2)!)), n),
  );
  return vectors ? reshaped(out, shape.slice(0, -1)) : out;
}

export const linalgSolve = defineAten("linalg_solve(Tensor A, Tensor B, *, bool left=True) -> Tensor", {
  summary: "Solutions of systems of linear equations.",
  infer: ({ A, B }, { left }) => solutionType(A, B, left),
  evaluate: ({ A, B }, { left }) => solutions(A, B, left, areVectors(A.type.shape, B.type.shape), solve),
});
export const linalgSolveEx = defineAten(
  "linalg_solve_ex(Tensor A, Tensor B, *, bool left=True, bool check_errors=False) -> (Tensor result, Tensor info)",
  {
    summary: "Solutions of systems of linear equations, and for each the first zero pivot, counted from 1.",
    infer: ({ A, B }, { left }) => [solutionType(A, B, left), tensor("i32", A.shape.slice(0, -2))],
    evaluate: ({ A, B }, { left }) => [solutions(A, B, left, areVectors(A.type.shape, B.type.shape), solve), info(A)],
  },
);
export const linalgSolveTriangular = defineAten(
  "linalg_solve_triangular(Tensor self, Tensor B, *, bool upper, bool left=True, bool unitriangular=False) -> Tensor",
  {
    summary: "Solutions of triangular systems of linear equations; the other triangle is not read.",
    infer: ({ self, B }, { left }) => tensor(B.dtype, solutionShape(self, B, left, false)),
    evaluate: ({ self, B }, { upper, left, unitriangular }) =>
      solutions(self, B, left, false, (a, b) => solveTriangular(a, b, upper === left, unitriangular)),
  },
);

const factors = (x: TensorData, upper: boolean): TensorData => {
  const n = (x.type.shape as readonly number[]).at(-1)!;
  return mapMatrices(x.type, [x], (m) => (upper ? transpose(cholesky(transpose(m!, n)), n) : cholesky(m!)));
};
export const linalgCholesky = defineAten("linalg_cholesky(Tensor self, *, bool upper=False) -> Tensor", {
  summary: "Triangular factors of symmetric positive definite matrices.",
  infer: ({ self }) => inverseType(self),
  evaluate: ({ self }, { upper }) => factors(self, upper),
});
export const choleskyOp = defineAten("cholesky(Tensor self, bool upper=False) -> Tensor", {
  summary: "Another name of `linalg_cholesky`.",
  infer: ({ self }) => inverseType(self),
  evaluate: ({ self }, { upper }) => factors(self, upper),
});
