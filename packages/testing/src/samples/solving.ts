import { aten } from "@tflower/ops-aten";
import { defineSample, type Sample, type Slot, slot } from "../application/sample.ts";
import type { Choose } from "../choose/choose.ts";

const size = (choose: Choose): number => choose.between(1, 3);
const batch = (choose: Choose): number[] => (choose.maybe(0.3) ? [choose.between(1, 3)] : []);

/** Square matrices that are far from singular: elimination in another order gives another result otherwise. */
function drawSquare(choose: Choose, lead: readonly number[], n: number, symmetric = false): Slot {
  const shape = [...lead, n, n];
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) =>
    (i % (n * n)) % (n + 1) === 0
      ? choose.between(4, 7) * (symmetric ? 1 : choose.pick([1, -1]))
      : choose.between(-1, 1),
  );
  if (symmetric)
    data.forEach((_, i) => {
      const [m, row, column] = [Math.floor(i / (n * n)), Math.floor((i % (n * n)) / n), i % n];
      if (row > column) data[i] = data[m * n * n + column * n + row]!;
    });
  return slot("f32", shape, { data: { type: { dtype: "f32", shape }, data } });
}
const square = (choose: Choose): Slot => drawSquare(choose, batch(choose), size(choose));
/** A matrix, and what the unknowns times it is to be, on either side of it. */
function drawSystem(choose: Choose) {
  const [lead, n, columns, left] = [batch(choose), size(choose), size(choose), choose.maybe(0.7)];
  return {
    matrix: drawSquare(choose, lead, n),
    B: slot("f32", [...lead, ...(left ? [n, columns] : [columns, n])], { values: "finite" }),
    left,
  };
}

/** Ops that solve systems of linear equations. */
export const solvingSamples: readonly Sample[] = [
  ...[aten.det, aten.inverseOp, aten.slogdet, aten.logdet].map((op) =>
    defineSample(op as typeof aten.inverseOp, (choose) => ({ operands: { self: square(choose) } })),
  ),
  ...[aten.linalgDet, aten.linalgInv, aten.linalgInvEx, aten.linalgSlogdet].map((op) =>
    defineSample(op as typeof aten.linalgInv, (choose) => ({ operands: { A: square(choose) } })),
  ),
  ...[aten.matrixPower, aten.linalgMatrixPower].map((op) =>
    defineSample(op, (choose) => ({
      operands: { self: square(choose) },
      attrs: { n: choose.pick([1, 2, 3, 0, -1, -2]) },
    })),
  ),
  ...[aten.linalgSolve, aten.linalgSolveEx].map((op) =>
    defineSample(op as typeof aten.linalgSolve, (choose) => {
      const { matrix: A, B, left } = drawSystem(choose);
      return { operands: { A, B }, attrs: { left } };
    }),
  ),
  defineSample(aten.linalgSolveTriangular, (choose) => {
    const { matrix: self, B, left } = drawSystem(choose);
    return {
      operands: { self, B },
      attrs: { upper: choose.maybe(0.5), left, unitriangular: choose.maybe(0.3) },
    };
  }),
  ...[aten.linalgCholesky, aten.choleskyOp].map((op) =>
    defineSample(op as typeof aten.choleskyOp, (choose) => ({
      operands: { self: drawSquare(choose, batch(choose), size(choose), true) },
      attrs: { upper: choose.maybe(0.5) },
    })),
  ),
];
