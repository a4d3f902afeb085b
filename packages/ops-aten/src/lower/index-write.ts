import { tfl } from "@tflower/backend-tflite";
import { defineLowering, type Emit, type Rejection, reject, sizeOf, type Value } from "@tflower/core";
import * as aten from "../dialect/index-write.ts";
import { computeIn, convertTo, numberValue } from "../emit/convert.ts";
import { wrapNegative } from "../emit/indices.ts";
import { isEqual, mul, select } from "../emit/pointwise.ts";
import { flatten, permuteBy, reshapeTo } from "../emit/rearrange.ts";
import { addRows, overwriteRows, type RowWrites, reduceRows } from "../emit/write-rows.ts";
import { axisOf } from "../semantics/axes.ts";
import { inversePermutation, movedAxes } from "../semantics/permutations.ts";
import { reductionOf } from "../semantics/scattering.ts";

interface Sourced {
  readonly self: Value;
  readonly index: Value;
  readonly source: Value;
}
/** Writes rows with the axis in front, and puts it back. */
function alongAxis(
  emit: Emit,
  { self, index, source }: Sourced,
  dim: number,
  write: (w: RowWrites) => Value | string,
): Value | Rejection {
  const shape = self.type.shape;
  const axis = axisOf(dim, shape.length);
  const toFront = movedAxes(Math.max(shape.length, 1), [axis], [0]);
  const rows = flatten(emit, index);
  const base = permuteBy(emit, reshapeTo(emit, self, shape.length ? shape : [1]), toFront);
  const values = permuteBy(emit, reshapeTo(emit, source, source.type.shape.length ? source.type.shape : [1]), toFront);
  const out = write({ base, rows, values });
  return typeof out === "string"
    ? reject(out)
    : reshapeTo(emit, permuteBy(emit, out, inversePermutation(toFront)), shape);
}

export const indexAdd = defineLowering(aten.indexAdd, ({ self, index, source }, { dim, alpha }, emit) => {
  const { dtype } = self.type;
  const scaled =
    alpha === 1n || alpha === 1
      ? source
      : computeIn(emit, dtype, [source, numberValue(emit, alpha, dtype)], (a, b) => mul(emit, a, b));
  return alongAxis(emit, { self, index, source: scaled }, dim, (w) => addRows(emit, w));
});
export const indexCopy = defineLowering(aten.indexCopy, ({ self, index, source }, { dim }, emit) => {
  const shape = self.type.shape;
  const [base, values] = [self, source].map((x) => (shape.length ? x : reshapeTo(emit, x, [1]))) as [Value, Value];
  const w = { base, rows: flatten(emit, index), values };
  return reshapeTo(emit, overwriteRows(emit, w, axisOf(dim, shape.length)), shape);
});
export const indexReduce = defineLowering(aten.indexReduce, (operands, { dim, reduce, include_self }, emit) =>
  alongAxis(emit, operands, dim, (w) => reduceRows(emit, w, reductionOf(reduce), include_self)),
);

/** Where along an axis an index says, one number; other places stay. */
function filled(emit: Emit, self: Value, index: Value, dim: number, value: Value): Value | Rejection {
  const shape = self.type.shape.length ? self.type.shape : [1];
  const axis = axisOf(dim, self.type.shape.length);
  const extent = shape[axis]!;
  const rows = wrapNegative(emit, flatten(emit, index), extent);
  if (rows.type.shape[0] === 0 || sizeOf(shape) === 0) return self;
  const all = emit(tfl.range, {}, { limit: extent });
  const same = isEqual(
    emit,
    reshapeTo(emit, convertTo(emit, rows, "i32"), [rows.type.shape[0]!, 1]),
    reshapeTo(emit, all, [1, extent]),
  );
  const hit = reshapeTo(
    emit,
    emit(tfl.reduceAny, { input: same }, { axes: [0] }),
    shape.map((d, i) => (i === axis ? d : 1)),
  );
  return reshapeTo(emit, select(emit, hit, value, reshapeTo(emit, self, shape)), self.type.shape);
}
export const indexFillIntScalar = defineLowering(aten.indexFillIntScalar, ({ self, index }, { dim, value }, emit) =>
  filled(emit, self, index, dim, numberValue(emit, value, self.type.dtype)),
);
export const indexFillIntTensor = defineLowering(aten.indexFillIntTensor, ({ self, index, value }, { dim }, emit) =>
  filled(emit, self, index, dim, convertTo(emit, value, self.type.dtype)),
);

export const put = defineLowering(aten.put, ({ self, index, source }, { accumulate }, emit) => {
  const shape = self.type.shape;
  const w = {
    base: flatten(emit, self),
    rows: wrapNegative(emit, flatten(emit, index), sizeOf(shape)),
    values: flatten(emit, source),
  };
  return reshapeTo(emit, (accumulate ? addRows : overwriteRows)(emit, w), shape);
});
