import { defineLowering, type Emit, type Rejection, reject, type Scalar, sizeOf, type Value } from "@tflower/core";
import * as aten from "../dialect/scatter.ts";
import { numberValue } from "../emit/convert.ts";
import { fillWith } from "../emit/fill.ts";
import { placesAlong } from "../emit/places.ts";
import { flatten, reshapeTo, sliceAxis } from "../emit/rearrange.ts";
import { addRows, overwriteRows, type RowWrites, reduceRows } from "../emit/write-rows.ts";
import { axisOf } from "../semantics/axes.ts";
import { reductionOf } from "../semantics/scattering.ts";

interface Scattered {
  readonly self: Value;
  readonly index: Value;
  readonly src: Value;
}
const atLeastOne = (emit: Emit, x: Value): Value => (x.type.shape.length ? x : reshapeTo(emit, x, [1]));

/** Writes elements by place in the flattened tensor. */
function byPlace(
  emit: Emit,
  { self, index, src }: Scattered,
  dim: number,
  write: (w: RowWrites) => Value | string,
): Value | Rejection {
  if (sizeOf(index.type.shape) === 0 || sizeOf(self.type.shape) === 0) return self;
  const [x, at] = [atLeastOne(emit, self), atLeastOne(emit, index)];
  const places = placesAlong(emit, at, x.type.shape, axisOf(dim, x.type.shape.length));
  if (!places) return reject("needs static extents");
  // src may be larger than the index: what lies outside is not written
  const source = at.type.shape.reduce<Value>((v, d, i) => sliceAxis(emit, v, i, 0, d), atLeastOne(emit, src));
  const out = write({ base: flatten(emit, x), rows: places, values: flatten(emit, source) });
  return typeof out === "string" ? reject(out) : reshapeTo(emit, out, self.type.shape);
}
const numbers = (emit: Emit, value: Scalar, self: Value, index: Value): Value =>
  fillWith(emit, numberValue(emit, value, self.type.dtype), index.type.shape);

export const scatterSrc = defineLowering(aten.scatterSrc, (operands, { dim }, emit) =>
  byPlace(emit, operands, dim, (w) => overwriteRows(emit, w)),
);
export const scatterValue = defineLowering(aten.scatterValue, ({ self, index }, { dim, value }, emit) => {
  const one = reshapeTo(emit, numberValue(emit, value, self.type.dtype), [1]);
  const src = numbers(emit, value as Scalar, self, index);
  return byPlace(emit, { self, index, src }, dim, (w) => overwriteRows(emit, { ...w, values: one }));
});
export const scatterReduce = defineLowering(aten.scatterReduce, (operands, { dim, reduce }, emit) =>
  byPlace(emit, operands, dim, (w) => reduceRows(emit, w, reductionOf(reduce), true)),
);
export const scatterValueReduce = defineLowering(
  aten.scatterValueReduce,
  ({ self, index }, { dim, value, reduce }, emit) =>
    byPlace(emit, { self, index, src: numbers(emit, value as Scalar, self, index) }, dim, (w) =>
      reduceRows(emit, w, reductionOf(reduce), true),
    ),
);
export const scatterAdd = defineLowering(aten.scatterAdd, (operands, { dim }, emit) =>
  byPlace(emit, operands, dim, (w) => addRows(emit, w)),
);
export const scatterReduceTwo = defineLowering(aten.scatterReduceTwo, (operands, { dim, reduce, include_self }, emit) =>
  byPlace(emit, operands, dim, (w) => reduceRows(emit, w, reductionOf(reduce), include_self)),
);
