import { tfl } from "@tflower/backend-tflite";
import {
  broadcastShapes,
  countOf,
  defineLowering,
  type Emit,
  isComplex,
  isStatic,
  isStaticShape,
  type Node,
  type Rejection,
  reject,
  rowMajorStrides,
  scalarData,
  sizeOf,
  tensor,
  tensorData,
  type Value,
} from "@tflower/core";
import * as aten from "../dialect/masked.ts";
import { toBool } from "../emit/compute.ts";
import { convertTo } from "../emit/convert.ts";
import { iotaData } from "../emit/indices.ts";
import { heldPlaces, rankAmongHeld } from "../emit/masks.ts";
import { isMore, minusFrom, select } from "../emit/pointwise.ts";
import { broadcastTo, castTo, concatAxis, flatten, reshapeTo, sliceAxis } from "../emit/rearrange.ts";

export const maskedSelect = defineLowering(aten.maskedSelect, ({ self, mask }, _, emit, node) => {
  const shape = broadcastShapes(self.type.shape, mask.type.shape);
  const places = heldPlaces(emit, broadcastTo(emit, mask, shape), node.results[0]!.type.shape[0]!);
  return emit(tfl.gather, { params: flatten(emit, broadcastTo(emit, self, shape)), indices: places }, { axis: 0 });
});

export const maskedScatter = defineLowering(aten.maskedScatter, ({ self, mask, source }, _, emit, node) => {
  const shape = node.results[0]!.type.shape;
  const [x, held] = [broadcastTo(emit, self, shape), broadcastTo(emit, mask, shape)];
  if (sizeOf(shape) === 0 || sizeOf(source.type.shape) === 0) return x;
  const next = emit(tfl.maximum, { lhs: rankAmongHeld(emit, held), rhs: emit.constant(scalarData("i32", 0)) });
  // where the mask does not hold, what is fetched is not looked at: any place that is there will do
  const length = sizeOf(source.type.shape);
  const inside = isStatic(length)
    ? emit(tfl.minimum, { lhs: next, rhs: emit.constant(scalarData("i32", length - 1)) })
    : next;
  const fetched = emit(tfl.gather, { params: flatten(emit, source), indices: inside }, { axis: 0 });
  return select(emit, held, reshapeTo(emit, fetched, shape), x);
});

/** Rows of coordinates where elements are not zero. */
function rows(emit: Emit, self: Value, count: Value["type"]["shape"][number]): Value | Rejection {
  const rank = self.type.shape.length;
  if (isComplex(self.type.dtype)) return reject("complex numbers have no lowering here");
  if (sizeOf(self.type.shape) === 0) return emit.constant(tensorData("i64", [0, rank], []));
  return emit.all(tfl.where, { condition: toBool(emit, self) }, {}, [tensor("i64", [count, rank])])[0]!;
}
const nonzeroRows = (
  { self }: { readonly self: Value },
  _: unknown,
  emit: Emit,
  node: Node<any>,
): Value | Rejection => {
  const count = node.results[0]!.type.shape[0]!;
  if (self.type.shape.length > 0) return rows(emit, self, count);
  // the coordinates of a scalar are rows without columns
  const found = rows(emit, reshapeTo(emit, self, [1]), count);
  return "type" in found ? sliceAxis(emit, found, 1, 0, 0) : found;
};
export const nonzero = defineLowering(aten.nonzero, nonzeroRows);
export const argwhere = defineLowering(aten.argwhere, nonzeroRows);
export const nonzeroNumpy = defineLowering(aten.nonzeroNumpy, ({ self }, _, emit, node) => {
  const count = node.results[0]!.type.shape[0]!;
  const found = rows(emit, self.type.shape.length ? self : reshapeTo(emit, self, [1]), count);
  if (!("type" in found)) return found;
  return node.results.map((_, i) => reshapeTo(emit, sliceAxis(emit, found, 1, i, 1), [count]));
});

export const nonzeroStatic = defineLowering(aten.nonzeroStatic, ({ self }, { size, fill_value }, emit) => {
  const shape = self.type.shape;
  if (!isStatic(size) || !isStaticShape(shape)) return reject("needs static extents and a static size");
  const total = countOf(shape);
  const rank = shape.length;
  const filled = (n: number): Value =>
    emit.constant(tensorData("i64", [n, rank], new Array<number>(n * rank).fill(fill_value)));
  const count = Math.min(size, total);
  if (count === 0 || rank === 0) return filled(size);
  // the earlier an element the larger its key, and 0 for what is zero: the largest keys are the first places
  const held = flatten(emit, toBool(emit, self));
  const keys = emit(tfl.mul, {
    lhs: castTo(emit, held, "i32"),
    rhs: minusFrom(emit, total, emit.constant(iotaData(total))),
  });
  const [found] = emit.all(tfl.topkV2, { input: keys }, { k: count });
  const places = minusFrom(emit, total, found!);
  const strides = rowMajorStrides(shape);
  const columns = shape.map((d, i) => {
    const over =
      strides[i] === 1
        ? places
        : emit(tfl.floorDiv, { lhs: places, rhs: emit.constant(scalarData("i32", strides[i]!)) });
    const at = i === 0 ? over : emit(tfl.floorMod, { lhs: over, rhs: emit.constant(scalarData("i32", d)) });
    return reshapeTo(emit, at, [count, 1]);
  });
  const isThere = reshapeTo(emit, isMore(emit, found!, emit.constant(scalarData("i32", 0))), [count, 1]);
  const coordinates = convertTo(emit, concatAxis(emit, columns, 1), "i64");
  return concatAxis(
    emit,
    [select(emit, isThere, coordinates, emit.constant(scalarData("i64", fill_value))), filled(size - count)],
    0,
  );
});
