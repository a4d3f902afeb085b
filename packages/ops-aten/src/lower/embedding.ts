import { tfl } from "@tflower/backend-tflite";
import {
  addDim,
  type Dim,
  dataOf,
  defineLowering,
  type Emit,
  isStatic,
  type Node,
  type Rejection,
  reject,
  scalarData,
  type Value,
} from "@tflower/core";
import * as aten from "../dialect/embedding.ts";
import { numberValue } from "../emit/convert.ts";
import { fillWith } from "../emit/fill.ts";
import { iotaValue } from "../emit/indices.ts";
import { div, isEqual, isLess, mul, plus, select } from "../emit/pointwise.ts";
import { castTo, reshapeTo } from "../emit/rearrange.ts";
import { extremeOver, meanOver, sumOver } from "../emit/reduce.ts";
import { type Segments, segmentCounts, segmentExtremes, segmentSums } from "../emit/segments.ts";
import { wrappedPadding } from "../semantics/padding-index.ts";

export const embedding = defineLowering(aten.embedding, ({ weight, indices }, _, emit) =>
  emit(tfl.gather, { params: weight, indices }, { axis: 0 }),
);

export const oneHot = defineLowering(aten.oneHot, ({ self }, { num_classes }, emit, node) => {
  const depth = node.results[0]!.type.shape.at(-1)!;
  if (num_classes === -1 && !isStatic(depth))
    return reject("without num_classes the number of classes depends on data");
  const one = (v: number): Value => emit.constant(scalarData("i64", v));
  return emit(tfl.oneHot, { indices: self, on_value: one(1), off_value: one(0) }, { depth, axis: -1 });
});

interface Bags {
  readonly weight: Value;
  readonly indices: Value;
  readonly offsets: Value;
  readonly per_sample_weights: Value | undefined;
}
interface BagAttrs {
  readonly mode: number;
  readonly include_last_offset: boolean;
  readonly padding_idx?: number | undefined;
}
/** For each index the bag it is in: how many bags start at it or before, less one. What is skipped, or behind the last bag, is in none. */
function bagsOf(emit: Emit, { indices, offsets }: Bags, { include_last_offset, padding_idx }: BagAttrs): Segments {
  const count = indices.type.shape[0]!;
  const starts = offsets.type.shape[0]!;
  const at = reshapeTo(emit, iotaValue(emit, count), [count, 1]);
  const started = emit(tfl.greaterEqual, { lhs: at, rhs: reshapeTo(emit, castTo(emit, offsets, "i32"), [1, starts]) });
  let ids = plus(emit, sumOver(emit, castTo(emit, started, "i32"), [1], false), -1);
  const total: Dim = addDim(starts, include_last_offset ? -1 : 0);
  const none = emit.constant(scalarData("i32", -1));
  if (include_last_offset) ids = select(emit, isLess(emit, ids, castTo(emit, emit.dim(total), "i32")), ids, none);
  if (padding_idx !== undefined && padding_idx >= 0)
    ids = select(emit, isEqual(emit, indices, numberValue(emit, BigInt(padding_idx), indices.type.dtype)), none, ids);
  return { ids, total };
}
function bySegment(emit: Emit, rows: Value, segments: Segments, mode: number): Value {
  if (mode === 0) return segmentSums(emit, segments, rows);
  const perBag = reshapeTo(emit, segmentCounts(emit, segments), [segments.total, 1]);
  const one = emit.constant(scalarData("i32", 1));
  if (mode === 1)
    return div(
      emit,
      segmentSums(emit, segments, rows),
      castTo(emit, emit(tfl.maximum, { lhs: perBag, rhs: one }), "f32"),
    );
  return select(
    emit,
    isLess(emit, perBag, one),
    emit.constant(scalarData("f32", 0)),
    segmentExtremes(emit, segments, rows, "amax"),
  );
}

/** How many indices each bag has, when all have as many and nothing is skipped. */
function evenSize({ indices, offsets }: Bags, { include_last_offset, padding_idx }: BagAttrs): number | undefined {
  const count = indices.type.shape[0]!;
  const known = dataOf(offsets);
  if (!known || !isStatic(count) || (padding_idx !== undefined && padding_idx >= 0)) return undefined;
  const starts = Array.from(known.data, Number);
  if (!include_last_offset) starts.push(count);
  const size = starts[1]! - starts[0]!;
  const even =
    starts[0] === 0 && starts.at(-1) === count && starts.every((s, i) => i === 0 || s - starts[i - 1]! === size);
  return even && size > 0 ? size : undefined;
}
/** Bags of one size are an axis. */
function evenBags(emit: Emit, rows: Value, size: number, mode: number): Value {
  const [count, width] = rows.type.shape as readonly [number, Dim];
  const bags = reshapeTo(emit, rows, [count / size, size, width]);
  return mode === 2
    ? extremeOver(emit, "max", bags, [1], false)
    : mode === 1
      ? meanOver(emit, bags, [1], false)
      : sumOver(emit, bags, [1], false);
}
const bagging = (operands: Bags, attrs: BagAttrs, emit: Emit, node: Node<any>): Value[] | Rejection => {
  const { weight, indices, per_sample_weights } = operands;
  if (weight.type.dtype !== "f32") return reject(`has kernels for f32 only, got ${weight.type.dtype}`);
  // the other results are notes for the backward pass, and differ from kernel to kernel
  if (node.results.slice(1).some((r) => r.users.size > 0 || node.graph!.isOutput(r)))
    return reject("only its first result has a meaning outside of training");
  const even = evenSize(operands, attrs);
  const segments = even ? undefined : bagsOf(emit, operands, attrs);
  const rows = emit(tfl.gather, { params: weight, indices }, { axis: 0 });
  const scaled = per_sample_weights
    ? mul(emit, rows, reshapeTo(emit, per_sample_weights, [indices.type.shape[0]!, 1]))
    : rows;
  const out = segments ? bySegment(emit, scaled, segments, attrs.mode) : evenBags(emit, scaled, even!, attrs.mode);
  return [
    out,
    ...node.results.slice(1).map((r) => fillWith(emit, emit.constant(scalarData(r.type.dtype, 0)), r.type.shape)),
  ];
};
export const embeddingBag = defineLowering(aten.embeddingBag, bagging);
export const embeddingBagPaddingIdx = defineLowering(
  aten.embeddingBagPaddingIdx,
  (operands, { padding_idx, ...attrs }, emit, node) =>
    bagging(
      operands,
      { ...attrs, padding_idx: wrappedPadding(padding_idx, operands.weight.type.shape[0]!) },
      emit,
      node,
    ),
);
export const embeddingBagInternal = defineLowering(aten.embeddingBagInternal, bagging);
export const embeddingBagForwardOnly = defineLowering(aten.embeddingBagForwardOnly, bagging);
