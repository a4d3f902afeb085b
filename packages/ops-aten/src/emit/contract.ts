import { type Dim, type Emit, sizeOf, type Value } from "@tflower/core";
import { diagonal } from "../dialect/diagonal.ts";
import type { Labels } from "../semantics/contract.ts";
import { widenInteger } from "./compute.ts";
import { isConstantExpression, matmulOf } from "./matmul.ts";
import { mul } from "./pointwise.ts";
import { castTo, permuteBy, reshapeTo } from "./rearrange.ts";
import { sumOver } from "./reduce.ts";

/** A tensor whose axes have labels. */
export interface Labelled {
  readonly value: Value;
  readonly labels: Labels;
}
const extentOf = ({ value, labels }: Labelled, label: string): Dim => value.type.shape[labels.indexOf(label)]!;
const without = <T>(list: readonly T[], drop: (x: T) => boolean): T[] => list.filter((x) => !drop(x));

/** Axes in the order of `labels`, which are all that `x` has. */
const ordered = (emit: Emit, x: Labelled, labels: Labels): Value =>
  permuteBy(
    emit,
    x.value,
    labels.map((l) => x.labels.indexOf(l)),
  );

/** One axis for each label: of axes with the same one, the diagonal. */
function diagonals(emit: Emit, x: Labelled): Labelled {
  const again = x.labels.findIndex((l, i) => x.labels.indexOf(l) < i);
  if (again < 0) return x;
  const label = x.labels[again]!;
  const first = x.labels.indexOf(label);
  const value = emit(diagonal, { self: x.value }, { offset: 0, dim1: first, dim2: again });
  return diagonals(emit, { value, labels: [...x.labels.filter((_, i) => i !== first && i !== again), label] });
}

/** Sums over labels. */
function summed(emit: Emit, x: Labelled, drop: (label: string) => boolean): Labelled {
  const axes = x.labels.flatMap((l, i) => (drop(l) ? [i] : []));
  return { value: sumOver(emit, widenInteger(emit, x.value), axes, false), labels: without(x.labels, drop) };
}
/** Takes away axes of extent 1. */
function squeezed(emit: Emit, x: Labelled, drop: (label: string) => boolean): Labelled {
  const shape = x.value.type.shape.filter((_, i) => !drop(x.labels[i]!));
  return { value: reshapeTo(emit, x.value, shape), labels: without(x.labels, drop) };
}

/** Product of two tensors, summed over the labels that nothing needs any more. */
function pair(emit: Emit, left: Labelled, right: Labelled, needed: (label: string) => boolean): Labelled {
  // an axis of extent 1 against a longer one of its label is as good as none
  const shared = left.labels.filter((l) => right.labels.includes(l));
  const alone = (x: Labelled, other: Labelled) => (l: string) =>
    shared.includes(l) && extentOf(x, l) === 1 && extentOf(other, l) !== 1;
  let a = squeezed(emit, left, alone(left, right));
  let b = squeezed(emit, right, alone(right, left));
  a = summed(emit, a, (l) => !needed(l) && !b.labels.includes(l));
  b = summed(emit, b, (l) => !needed(l) && !a.labels.includes(l));
  // weights stand on the right, where a fully connected layer takes them
  if (isConstantExpression(a.value) && !isConstantExpression(b.value)) [a, b] = [b, a];
  const both = a.labels.filter((l) => b.labels.includes(l));
  const batch = both.filter(needed);
  const inner = without(both, needed);
  const rows = without(a.labels, (l) => both.includes(l));
  const columns = without(b.labels, (l) => both.includes(l));
  const labels = [...batch, ...rows, ...columns];
  const extents = (x: Labelled, ls: Labels): Dim[] => ls.map((l) => extentOf(x, l));
  const shape = [...extents(a, batch), ...extents(a, rows), ...extents(b, columns)];
  if (inner.length === 0) {
    const ones = (ls: Labels): Dim[] => ls.map(() => 1);
    const x = reshapeTo(emit, ordered(emit, a, [...batch, ...rows]), [
      ...extents(a, batch),
      ...extents(a, rows),
      ...ones(columns),
    ]);
    const y = reshapeTo(emit, ordered(emit, b, [...batch, ...columns]), [
      ...extents(b, batch),
      ...ones(rows),
      ...extents(b, columns),
    ]);
    return { value: castTo(emit, mul(emit, widenInteger(emit, x), widenInteger(emit, y)), a.value.type.dtype), labels };
  }
  const lead = batch.length > 3 ? [sizeOf(extents(a, batch))] : extents(a, batch);
  const matrix = (x: Labelled, first: Labels, second: Labels): Value =>
    reshapeTo(emit, ordered(emit, x, [...batch, ...first, ...second]), [
      ...lead,
      sizeOf(extents(x, first)),
      sizeOf(extents(x, second)),
    ]);
  const adjoint = inner.includes(b.labels.at(-1)!);
  const product = matmulOf(
    emit,
    matrix(a, rows, inner),
    adjoint ? matrix(b, columns, inner) : matrix(b, inner, columns),
    adjoint,
  );
  return { value: reshapeTo(emit, product, shape), labels };
}

/** Sum over all labels that are not in `result` of the product of the operands, from left to right. All are of one dtype, which the result keeps. */
export function contractOf(emit: Emit, operands: readonly Labelled[], result: Labels): Value {
  const parts = operands.map((x) => diagonals(emit, x));
  const { dtype } = operands[0]!.value.type;
  const neededAfter = (k: number) => (l: string) =>
    result.includes(l) || parts.slice(k + 1).some((p) => p.labels.includes(l));
  let all = summed(emit, parts[0]!, (l) => !neededAfter(0)(l));
  for (let k = 1; k < parts.length; k++)
    all = pair(emit, { ...all, value: castTo(emit, all.value, dtype) }, parts[k]!, neededAfter(k));
  return castTo(emit, ordered(emit, all, result), dtype);
}
