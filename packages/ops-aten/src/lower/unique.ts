import { tfl } from "@tflower/backend-tflite";
import {
  type Dim,
  defineLowering,
  type Emit,
  isComplex,
  isStatic,
  type Node,
  type Rejection,
  reject,
  sizeOf,
  tensor,
  tensorData,
  type Value,
} from "@tflower/core";
import * as aten from "../dialect/unique.ts";
import { compare } from "../emit/compare.ts";
import { plus } from "../emit/pointwise.ts";
import { castTo, concatAxis, flatten, permuteBy, reshapeTo, sliceAxis } from "../emit/rearrange.ts";
import { reduceBy } from "../emit/reduce.ts";
import { type Segments, segmentCounts } from "../emit/segments.ts";
import { sortLast } from "../emit/sort.ts";
import { axisOf } from "../semantics/axes.ts";
import { inversePermutation, movedAxes } from "../semantics/permutations.ts";

interface Self {
  readonly self: Value;
}
const rowsAt = (emit: Emit, x: Value, at: Value): Value => emit(tfl.gather, { params: x, indices: at }, { axis: 0 });

/** Rows in an order in which equal ones are neighbours, and where each of them was; `undefined`: as they are. */
interface Ordered {
  readonly rows: Value;
  readonly from: Value | undefined;
}
/** Sorts rows by their columns, the last one first: each sort keeps the order of the ones before. */
function sortedRows(emit: Emit, rows: Value, count: number, width: number): Ordered {
  let from: Value | undefined;
  for (let c = width - 1; c >= 0; c--) {
    const column = reshapeTo(emit, sliceAxis(emit, rows, 1, c, 1), [count]);
    const order = sortLast(emit, from ? rowsAt(emit, column, from) : column, count, false).indices;
    from = from ? rowsAt(emit, from, order) : order;
  }
  return { rows: from ? rowsAt(emit, rows, from) : rows, from };
}

/** The first of each run of equal rows, which run each row is in, and how long the runs are. */
function runs(
  emit: Emit,
  { rows, from }: Ordered,
  count: number,
  found: Dim,
): { readonly first: Value; readonly inverse: Value; readonly counts: Value } {
  const part = (start: number): Value => sliceAxis(emit, rows, 0, start, count - 1);
  const differs = compare(emit, "ne", rows.type.dtype, part(1), part(0));
  const starts = concatAxis(
    emit,
    [emit.constant(tensorData("bool", [1], [true])), reduceBy(emit, tfl.reduceAny, differs, [1], false)],
    0,
  );
  const places = reshapeTo(emit, emit.all(tfl.where, { condition: starts }, {}, [tensor("i64", [found, 1])])[0]!, [
    found,
  ]);
  const ids = plus(emit, emit(tfl.cumsum, { input: castTo(emit, starts, "i32") }, { axis: 0 }), -1);
  const inverse = from
    ? emit(tfl.scatterNd, { indices: reshapeTo(emit, from, [count, 1]), updates: ids }, { shape: [count] })
    : ids;
  const segments: Segments = { ids, total: count };
  // of as many segments as there are rows, those that exist
  const counts = rowsAt(emit, segmentCounts(emit, segments), rowsAt(emit, ids, places));
  return { first: rowsAt(emit, rows, places), inverse, counts };
}

/** Results of an op that finds different rows; a result whose type is empty was not asked for. */
function results(
  emit: Emit,
  ordered: Ordered,
  count: number,
  node: Node<any>,
  values: (first: Value) => Value,
  axis: number,
): Value[] {
  const found = node.results[0]!.type.shape[axis]!;
  const r = runs(emit, ordered, count, found);
  const listed = (v: Value, k: number): Value => {
    const { shape } = node.results[k]!.type;
    return shape.length === 1 && shape[0] === 0 && count > 0
      ? emit.constant(tensorData("i64", [0], []))
      : reshapeTo(emit, castTo(emit, v, "i64"), shape);
  };
  return [values(r.first), listed(r.inverse, 1), ...(node.results.length > 2 ? [listed(r.counts, 2)] : [])];
}
function check(self: Value, n: Dim): Rejection | undefined {
  if (isComplex(self.type.dtype)) return reject("complex numbers have no order");
  if (!isStatic(n)) return reject("needs static extents");
  return n === 0 ? reject("has no elements") : undefined;
}

function uniqueElements(emit: Emit, self: Value, sort: boolean, node: Node<any>): Value[] | Rejection {
  const n = sizeOf(self.type.shape);
  const why = check(self, n);
  if (why) return why;
  const count = n as number;
  const all = flatten(emit, self);
  const s = sort ? sortLast(emit, all, count, false) : undefined;
  const rows = reshapeTo(emit, s ? s.values : all, [count, 1]);
  return results(
    emit,
    { rows, from: s?.indices },
    count,
    node,
    (first) => reshapeTo(emit, first, node.results[0]!.type.shape),
    0,
  );
}
function uniqueSlices(emit: Emit, self: Value, dim: number, sort: boolean, node: Node<any>): Value[] | Rejection {
  const rank = self.type.shape.length;
  const axis = axisOf(dim, rank);
  if (node.results[0]!.type.shape.length !== rank)
    return reject(
      `the program says that the result has ${node.results[0]!.type.shape.length} axes, but it has ${rank}: torch.export does so where dim is negative`,
    );
  const why = check(self, sizeOf(self.type.shape));
  if (why) return why;
  const toFront = movedAxes(rank, [axis], [0]);
  const front = permuteBy(emit, self, toFront);
  const [count, ...rest] = front.type.shape as number[];
  const width = rest.reduce((a, b) => a * b, 1);
  if (sort && width > 256) return reject(`sorts slices of ${width} elements, each of which takes a sort of its own`);
  const rows = reshapeTo(emit, front, [count!, width]);
  const ordered = sort ? sortedRows(emit, rows, count!, width) : { rows, from: undefined };
  const found = node.results[0]!.type.shape[axis]!;
  return results(
    emit,
    ordered,
    count!,
    node,
    (first) => permuteBy(emit, reshapeTo(emit, first, [found, ...rest]), inversePermutation(toFront)),
    axis,
  );
}

export const unique2 = defineLowering(aten.unique2, ({ self }: Self, _, emit, node) =>
  uniqueElements(emit, self, true, node),
);
export const unique = defineLowering(aten.unique, ({ self }: Self, _, emit, node) =>
  uniqueElements(emit, self, true, node),
);
export const uniqueConsecutive = defineLowering(aten.uniqueConsecutive, ({ self }: Self, { dim }, emit, node) =>
  dim === undefined ? uniqueElements(emit, self, false, node) : uniqueSlices(emit, self, dim, false, node),
);
export const uniqueDim = defineLowering(aten.uniqueDim, ({ self }: Self, { dim }, emit, node) =>
  uniqueSlices(emit, self, dim, true, node),
);
export const uniqueDimConsecutive = defineLowering(aten.uniqueDimConsecutive, ({ self }: Self, { dim }, emit, node) =>
  uniqueSlices(emit, self, dim, false, node),
);
