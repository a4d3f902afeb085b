import { allocate, countOf, type Dim, invalid, operand, staticShape, withShape, wrap } from "@tflower/core";
import { extentsOf, showShape } from "../semantics/axes.ts";
import { writeDiagonals } from "../semantics/diagonals.ts";
import { defineTfl } from "./define-tfl.ts";

export const matrixDiag = defineTfl("MATRIX_DIAG", {
  summary: "Square matrices with the rows of the operand as diagonals, zero elsewhere.",
  options: "MatrixDiagOptions",
  operands: { diagonal: operand.tensor },
  infer: ({ diagonal }) =>
    withShape(diagonal, [...diagonal.shape, diagonal.shape.at(-1) ?? invalid("takes a tensor of rank 1 at least")]),
  evaluate({ diagonal }, _, [type]) {
    const out = allocate(type!.dtype, countOf(staticShape(type!.shape)));
    writeDiagonals(out, diagonal.data, staticShape(type!.shape));
    return wrap(type!, out);
  },
});

export const matrixSetDiag = defineTfl("MATRIX_SET_DIAG", {
  summary: "The matrices of the operand with other diagonals.",
  options: "MatrixSetDiagOptions",
  operands: { input: operand.tensor, diagonal: operand.tensor },
  infer({ input, diagonal }) {
    const [rows, columns] = input.shape.slice(-2) as [Dim, Dim];
    const n = typeof rows === "number" && typeof columns === "number" ? Math.min(rows, columns) : undefined;
    const have = diagonal.shape.at(-1);
    if (
      input.shape.length < 2 ||
      diagonal.shape.length !== input.shape.length - 1 ||
      (n !== undefined && typeof have === "number" && have !== n)
    )
      invalid(`cannot set diagonals ${showShape(diagonal.shape)} of matrices ${showShape(input.shape)}`);
    return input;
  },
  evaluate({ input, diagonal }, _, [type]) {
    const out = input.data.slice();
    writeDiagonals(out, diagonal.data, extentsOf(input));
    return wrap(type!, out);
  },
});
