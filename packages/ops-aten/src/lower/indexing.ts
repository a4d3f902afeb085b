import { tfl } from "@tflower/backend-tflite";
import {
  addDim,
  type Dim,
  dataOf,
  defineLowering,
  type Emit,
  i32Data,
  mulDim,
  type Node,
  type Rejection,
  reject,
  scalarData,
  sizeOf,
  type Value,
} from "@tflower/core";
import * as aten from "../dialect/indexing.ts";
import { type LinearIndex, linearIndex, selectedExtent } from "../emit/advanced-index.ts";
import { toBool } from "../emit/compute.ts";
import { convertTo, numberValue } from "../emit/convert.ts";
import { fillWith } from "../emit/fill.ts";
import { extentValue, takeAlong, wrapNegative } from "../emit/indices.ts";
import { rankAmongHeld } from "../emit/masks.ts";
import { add, select } from "../emit/pointwise.ts";
import { broadcastTo, concatAxis, flatten, permuteBy, reshapeTo } from "../emit/rearrange.ts";
import { addRows, overwriteRows } from "../emit/write-rows.ts";
import { isMask } from "../semantics/indexing.ts";
import { inversePermutation, movedAxes } from "../semantics/permutations.ts";

type Indices = readonly (Value | undefined)[];

/** `self[indices]` by one index over the indexed axes, which are joined first, and moved to the front unless they are neighbours. */
function taken(emit: Emit, self: Value, { layout, extents, places }: LinearIndex): Value {
  const shape = self.type.shape;
  const together = layout.indexed.every((a, i) => i === 0 || a === layout.indexed[i - 1]! + 1);
  const first = together ? layout.indexed[0]! : 0;
  const x = together ? self : permuteBy(emit, self, [...layout.indexed, ...layout.kept]);
  const rest = together ? shape : [...extents, ...layout.kept.map((a) => shape[a]!)];
  const joined = reshapeTo(emit, x, rest.toSpliced(first, extents.length, sizeOf(extents)));
  return takeAlong(emit, joined, places, first);
}
const index = (
  { self, indices }: { readonly self: Value; readonly indices: Indices },
  _: unknown,
  emit: Emit,
  node: Node<any>,
): Value => {
  const joined = linearIndex(
    emit,
    self.type.shape,
    indices,
    selectedExtent(self.type.shape, indices, node.results[0]!.type.shape),
  );
  return joined ? reshapeTo(emit, taken(emit, self, joined), node.results[0]!.type.shape) : self;
};
export const indexTensor = defineLowering(aten.indexTensor, index);
export const unsafeIndexTensor = defineLowering(aten.unsafeIndexTensor, index);

/** `values` with the axes that the indices select as one: of extent 1 where all places get the same. */
function valueRows(emit: Emit, values: Value, kept: readonly Dim[], picked: readonly Dim[], at: number): Value {
  const rank = kept.length + picked.length;
  const own = [...new Array<Dim>(rank - values.type.shape.length).fill(1), ...values.type.shape];
  const block = own.slice(at, at + picked.length);
  const join = (extent: Dim, shape: readonly Dim[]): Dim[] => shape.toSpliced(at, picked.length, extent);
  if (block.every((d) => d === 1)) return reshapeTo(emit, values, join(1, own));
  const whole = own.toSpliced(at, picked.length, ...picked);
  return reshapeTo(emit, broadcastTo(emit, values, whole), join(sizeOf(picked), whole));
}

/** Writes `values` at a joined index: rows along the indexed axes, which are joined as well. */
function written(
  emit: Emit,
  self: Value,
  { layout, extents, places }: LinearIndex,
  values: Value,
  accumulate: boolean,
): Value {
  const shape = self.type.shape;
  const kept = layout.kept.map((a) => shape[a]!);
  const rows = flatten(emit, places);
  const source = valueRows(emit, convertTo(emit, values, self.type.dtype), kept, places.type.shape, layout.at);
  const together = layout.indexed.every((a, i) => i === 0 || a === layout.indexed[i - 1]! + 1);
  if (!accumulate && together) {
    const joined = kept.toSpliced(layout.at, 0, sizeOf(extents));
    return reshapeTo(
      emit,
      overwriteRows(emit, { base: reshapeTo(emit, self, joined), rows, values: source }, layout.at),
      shape,
    );
  }
  const perm = [...layout.indexed, ...layout.kept];
  const base = reshapeTo(emit, permuteBy(emit, self, perm), [sizeOf(extents), ...kept]);
  const front = permuteBy(emit, source, movedAxes(kept.length + 1, [layout.at], [0]));
  const out = accumulate
    ? addRows(emit, { base, rows, values: broadcastTo(emit, front, [rows.type.shape[0]!, ...kept]) })
    : overwriteRows(emit, { base, rows, values: front });
  return permuteBy(emit, reshapeTo(emit, out, [...extents, ...kept]), inversePermutation(perm));
}

/**
 * Writes where a computed mask over axes from `axis` on holds. Values that are the same for all places are chosen by the mask; others
 * are fetched by how many places held before.
 */
function writtenWhere(
  emit: Emit,
  self: Value,
  mask: Value,
  axis: number,
  values: Value,
  accumulate: boolean,
): Value | Rejection {
  const shape = self.type.shape;
  const rank = mask.type.shape.length;
  const given = convertTo(emit, values, self.type.dtype);
  const trailing = shape.length - axis - rank;
  const held = reshapeTo(emit, toBool(emit, mask), [...mask.type.shape, ...new Array<Dim>(trailing).fill(1)]);
  const own = given.type.shape;
  const spot = own.length - 1 - trailing;
  let source: Value;
  if (spot < 0 || own[spot] === 1)
    source =
      spot < 0
        ? given
        : reshapeTo(emit, given, [...own.slice(0, spot), ...new Array<Dim>(rank).fill(1), ...own.slice(spot + 1)]);
  else {
    // one row more than there may be places, so that there is one to fetch even when no place holds
    const none = fillWith(emit, emit.constant(scalarData(self.type.dtype, 0)), own.with(spot, 1));
    const zero = emit.constant(scalarData("i32", 0));
    const rows = emit(tfl.maximum, { lhs: rankAmongHeld(emit, toBool(emit, mask)), rhs: zero });
    const fetched = emit(tfl.gather, { params: concatAxis(emit, [given, none], spot), indices: rows }, { axis: spot });
    source = reshapeTo(emit, fetched, [...own.slice(0, spot), ...mask.type.shape, ...own.slice(spot + 1)]);
  }
  if (!accumulate) return broadcastTo(emit, select(emit, held, source, self), shape);
  const { dtype } = self.type;
  if (dtype === "bool")
    return emit(tfl.logicalOr, { lhs: self, rhs: emit(tfl.logicalAnd, { lhs: held, rhs: source }) });
  const wide = dtype === "i8" || dtype === "u8" || dtype === "i16" ? "i32" : dtype;
  const sum = add(emit, convertTo(emit, self, wide), convertTo(emit, source, wide));
  return select(emit, held, convertTo(emit, sum, dtype), self);
}

const put = (
  { self, indices, values }: { readonly self: Value; readonly indices: Indices; readonly values: Value },
  { accumulate }: { readonly accumulate: boolean },
  emit: Emit,
): Value | Rejection => {
  const at = indices.findIndex((x) => x && isMask(x.type.dtype) && !dataOf(x));
  if (at >= 0) {
    if (indices.some((x, i) => x && i !== at)) return reject("writes at a computed mask together with other indices");
    return writtenWhere(emit, self, indices[at]!, at, values, accumulate);
  }
  const joined = linearIndex(emit, self.type.shape, indices, undefined);
  if (joined) return written(emit, self, joined, values, accumulate);
  const all = broadcastTo(emit, convertTo(emit, values, self.type.dtype), self.type.shape);
  if (!accumulate) return all;
  const whole = (x: Value): Value => reshapeTo(emit, x, [1, ...self.type.shape]);
  return reshapeTo(
    emit,
    addRows(emit, { base: whole(self), rows: emit.constant(i32Data([0])), values: whole(all) }),
    self.type.shape,
  );
};
export const indexPut = defineLowering(aten.indexPut, put);
export const unsafeIndexPut = defineLowering(aten.unsafeIndexPut, put);

const clampTo = (emit: Emit, x: Value, low: Value, high: Value): Value =>
  emit(tfl.minimum, { lhs: emit(tfl.maximum, { lhs: x, rhs: low }), rhs: high });
export const unsafeMaskedIndex = defineLowering(
  aten.unsafeMaskedIndex,
  ({ self, mask, indices }, { fill }, emit, node) => {
    const { dtype, shape } = node.results[0]!.type;
    const other = numberValue(emit, fill, dtype);
    if (sizeOf(self.type.shape) === 0) return fillWith(emit, other, shape);
    const inside = (x: Value, extent: Dim): Value =>
      clampTo(emit, x, numberValue(emit, 0n, x.type.dtype), extentValue(emit, addDim(extent, -1), x.type.dtype));
    const joined = linearIndex(emit, self.type.shape, indices, undefined, inside);
    const picked = joined ? taken(emit, self, joined) : self;
    return select(emit, mask, reshapeTo(emit, picked, shape), other);
  },
);
export const unsafeMaskedIndexPutAccumulate = defineLowering(
  aten.unsafeMaskedIndexPutAccumulate,
  ({ self, mask, indices, values }, _, emit) => {
    if (sizeOf(self.type.shape) === 0) return self;
    const inside = (x: Value, extent: Dim): Value => {
      const bound = (d: Dim): Value => extentValue(emit, d, x.type.dtype);
      return wrapNegative(emit, clampTo(emit, x, bound(mulDim(extent, -1)), bound(addDim(extent, -1))), extent);
    };
    const joined = linearIndex(emit, self.type.shape, indices, undefined, inside);
    const given = convertTo(emit, values, self.type.dtype);
    const kept = select(emit, mask, given, emit.constant(scalarData(self.type.dtype, 0)));
    if (!joined) return reject("has no indices");
    return written(emit, self, joined, kept, true);
  },
);
