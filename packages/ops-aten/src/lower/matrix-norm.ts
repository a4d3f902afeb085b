import {
  type DType,
  defineLowering,
  defineRefusal,
  type Emit,
  type Rejection,
  reject,
  type Value,
} from "@tflower/core";
import * as aten from "../dialect/matrix-norm.ts";
import { zeros } from "../emit/matmul.ts";
import { normOver } from "../emit/norm.ts";
import { castTo, reshapeTo } from "../emit/rearrange.ts";
import { extremeOver } from "../emit/reduce.ts";
import { type MatrixOrder, matrixAxes, matrixOrderOf, plainNorm } from "../semantics/matrix-norm.ts";
import { reduceAxes, reducedShape } from "../semantics/reduce.ts";

const noSingularValues = "needs singular values, which LiteRT has no kernel for";

function matrixNorm(
  emit: Emit,
  self: Value,
  order: MatrixOrder,
  [rows, columns]: readonly [number, number],
  keep: boolean,
  dtype: DType | undefined,
): Value | Rejection {
  const x = castTo(emit, self, dtype ?? self.type.dtype);
  const both = [rows, columns].sort((a, b) => a - b);
  if (order === "fro") return normOver(emit, x, 2, both, keep);
  if (order === "nuc" || Math.abs(order) === 2) return reject(noSingularValues);
  const summed = Math.abs(order) === 1 ? rows : columns;
  const other = summed === rows ? columns : rows;
  // the greatest of no sums is 0
  if (self.type.shape[other] === 0) return zeros(emit, x, reducedShape(self.type.shape, both, keep));
  const sums = normOver(emit, x, 1, [summed], true);
  return reshapeTo(
    emit,
    extremeOver(emit, order > 0 ? "max" : "min", sums, [other], true),
    reducedShape(self.type.shape, both, keep),
  );
}
interface Attrs {
  readonly dim: readonly number[] | undefined;
  readonly keepdim: boolean;
  readonly dtype: DType | undefined;
}
function norm(
  emit: Emit,
  self: Value,
  order: MatrixOrder | undefined,
  { dim, keepdim, dtype }: Attrs,
): Value | Rejection {
  const n = plainNorm(self.type.shape.length, order, dim);
  if (n.matrix) return matrixNorm(emit, self, n.order, n.axes as [number, number], keepdim, dtype);
  return normOver(emit, castTo(emit, self, dtype ?? self.type.dtype), n.order as number, n.axes, keepdim);
}
const rankOf = (v: Value): number => v.type.shape.length;

export const linalgMatrixNorm = defineLowering(aten.linalgMatrixNorm, ({ self }, { ord, dim, keepdim, dtype }, emit) =>
  matrixNorm(emit, self, matrixOrderOf(ord), matrixAxes(dim, rankOf(self)), keepdim, dtype),
);
export const linalgMatrixNormStrOrd = defineLowering(
  aten.linalgMatrixNormStrOrd,
  ({ self }, { ord, dim, keepdim, dtype }, emit) =>
    matrixNorm(emit, self, matrixOrderOf(ord), matrixAxes(dim, rankOf(self)), keepdim, dtype),
);
export const linalgNorm = defineLowering(aten.linalgNorm, ({ self }, a, emit) =>
  norm(emit, self, a.ord === undefined ? undefined : matrixOrderOf(a.ord), a),
);
export const linalgNormOrdStr = defineLowering(aten.linalgNormOrdStr, ({ self }, a, emit) =>
  norm(emit, self, matrixOrderOf(a.ord), a),
);
export const frobeniusNormDim = defineLowering(aten.frobeniusNormDim, ({ self }, { dim, keepdim }, emit) =>
  normOver(emit, self, 2, reduceAxes(dim, rankOf(self)), keepdim),
);
export const nuclearNorm = defineRefusal(aten.nuclearNorm, noSingularValues);
export const nuclearNormDim = defineRefusal(aten.nuclearNormDim, noSingularValues);
