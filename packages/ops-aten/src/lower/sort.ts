import { tfl } from "@tflower/backend-tflite";
import {
  type Dim,
  defineLowering,
  type Emit,
  isComplex,
  isStatic,
  type Rejection,
  reject,
  scalarData,
  type Value,
} from "@tflower/core";
import * as aten from "../dialect/sort.ts";
import { iotaData } from "../emit/indices.ts";
import { orderKeys } from "../emit/order-keys.ts";
import { isEqual, select } from "../emit/pointwise.ts";
import { castTo, permuteBy, reshapeTo, sliceAxis } from "../emit/rearrange.ts";
import { reduceBy } from "../emit/reduce.ts";
import { asIndices, pickAlongLast, sortAxis } from "../emit/sort.ts";
import { axisOf } from "../semantics/axes.ts";
import { axisToLast } from "../semantics/permutations.ts";

interface Self {
  readonly self: Value;
}
interface SortAttrs {
  readonly dim: number;
  readonly descending: boolean;
}
function sorted(emit: Emit, self: Value, { dim, descending }: SortAttrs, count?: Dim): Value[] | Rejection {
  if (isComplex(self.type.dtype)) return reject("complex numbers have no order");
  const axis = axisOf(dim, self.type.shape.length);
  const { values, indices } = sortAxis(emit, self, axis, count ?? self.type.shape[axis] ?? 1, descending);
  return [values, asIndices(emit, indices)];
}
const pick = (found: Value[] | Rejection, k: 0 | 1): Value | Rejection => (Array.isArray(found) ? found[k]! : found);

export const sort = defineLowering(aten.sort, ({ self }, attrs, emit) => sorted(emit, self, attrs));
export const sortStable = defineLowering(aten.sortStable, ({ self }, attrs, emit) => sorted(emit, self, attrs));
export const argsort = defineLowering(aten.argsort, ({ self }, attrs, emit) => pick(sorted(emit, self, attrs), 1));
export const argsortStable = defineLowering(aten.argsortStable, ({ self }, attrs, emit) =>
  pick(sorted(emit, self, attrs), 1),
);
export const msort = defineLowering(aten.msort, ({ self }, _, emit) =>
  pick(sorted(emit, self, { dim: 0, descending: false }), 0),
);
export const topk = defineLowering(aten.topk, ({ self }, { k, dim, largest }, emit) =>
  sorted(emit, self, { dim, descending: largest }, k),
);

/** The shape of a result that has lost an axis, or kept it with extent 1. */
const without = (x: Value, axis: number, keep: boolean): Dim[] =>
  keep ? x.type.shape.map((d, i) => (i === axis ? 1 : d)) : x.type.shape.filter((_, i) => i !== axis);

export const kthvalue = defineLowering(aten.kthvalue, ({ self }: Self, { k, dim, keepdim }, emit) => {
  const axis = axisOf(dim, self.type.shape.length);
  if (!isStatic(k)) return reject("needs a static k");
  const found = sorted(emit, self, { dim, descending: false }, k);
  if (!Array.isArray(found) || self.type.shape.length === 0) return found;
  return found.map((v) => reshapeTo(emit, sliceAxis(emit, v, axis, k - 1, 1), without(self, axis, keepdim)));
});

export const mode = defineLowering(aten.mode, ({ self }: Self, { dim, keepdim }, emit) => {
  const shape = self.type.shape;
  if (isComplex(self.type.dtype)) return reject("complex numbers have no order");
  if (shape.length === 0) return [self, emit.constant(scalarData("i64", 0))];
  const axis = axisOf(dim, shape.length);
  const extent = shape[axis]!;
  if (!isStatic(extent)) return reject("needs a static extent of the axis");
  const x = permuteBy(emit, self, axisToLast(shape.length, axis));
  const last = shape.length - 1;
  const keys = orderKeys(emit, x);
  // how often each element occurs; of the commonest ones the smallest; of its places the last
  const pairs = isEqual(
    emit,
    reshapeTo(emit, keys, [...keys.type.shape, 1]),
    reshapeTo(emit, keys, keys.type.shape.toSpliced(last, 0, 1)),
  );
  const counts = reduceBy(emit, tfl.sum, castTo(emit, pairs, "i32"), [last + 1], false);
  const most = reduceBy(emit, tfl.reduceMax, counts, [last], true);
  const rival = emit.constant(scalarData(keys.type.dtype, keys.type.dtype === "i64" ? 2n ** 63n - 1n : 2 ** 31 - 1));
  const chosen = reduceBy(emit, tfl.reduceMin, select(emit, isEqual(emit, counts, most), keys, rival), [last], true);
  const iota = emit.constant(iotaData(extent));
  const place = reduceBy(
    emit,
    tfl.reduceMax,
    select(emit, isEqual(emit, keys, chosen), iota, emit.constant(scalarData("i32", -1))),
    [last],
    true,
  );
  const to = without(self, axis, keepdim);
  return [reshapeTo(emit, pickAlongLast(emit, x, place), to), reshapeTo(emit, asIndices(emit, place), to)];
});
