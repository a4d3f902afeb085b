import {
  type Dim,
  defineRule,
  isStatic,
  type Node,
  type Rewriter,
  type Rule,
  sameShape,
  type Value,
} from "@tflower/core";
import { reshape } from "../dialect/layout.ts";
import { pad } from "../dialect/pad.ts";
import { slice, stridedSlice } from "../dialect/slice.ts";

/** What is taken of one axis: `count` elements from `start` on, every `step`-th. */
interface Taken {
  readonly start: number;
  readonly step: number;
  readonly count: number;
}
/** A stretch of an axis that consists of whole groups of `step` elements, of each of which the element `at` is taken. */
interface Groups {
  readonly from: number;
  readonly length: number;
  /** Elements that the axis lacks for its last group to be whole. */
  readonly missing: number;
  readonly at: number;
}

function groupsOf({ start, step, count }: Taken, extent: number): Groups {
  const length = count * step;
  const from = Math.max(Math.min(start, extent - length), 0);
  // the groups may begin earlier than the first element, by less than a group
  return start - from < step
    ? { from, length, missing: Math.max(from + length - extent, 0), at: start - from }
    : { from: start, length, missing: start + length - extent, at: 0 };
}

/** What a strided slice takes of each axis; `undefined` where it is not plain, or not known. */
function takenOf(node: Node<typeof stridedSlice>): (Taken | undefined)[] | undefined {
  const a = node.attrs;
  const { shape } = node.operands.input.type;
  const to = node.result.type.shape;
  if (node.operands.begin || node.operands.end || a.ellipsis_mask || a.new_axis_mask || a.shrink_axis_mask || a.offset)
    return undefined;
  if (a.begin.length !== shape.length) return undefined;
  const out: (Taken | undefined)[] = [];
  for (const [i, extent] of shape.entries()) {
    const step = a.strides[i]!;
    const [begin, count] = [a.begin_mask & (1 << i) ? 0 : a.begin[i]!, to[i]!];
    if (step === 1 && begin === 0 && (count === extent || (!isStatic(extent) && a.end_mask & (1 << i))))
      out.push(undefined);
    else if (!isStatic(extent) || !isStatic(begin) || !isStatic(count) || begin < 0 || step < 1 || count < 1)
      return undefined;
    else out.push({ start: begin, step, count });
  }
  return out;
}

/** `x` cut to the groups, with zeros where the last one is not whole. */
function cutTo(x: Value, groups: readonly (Groups | undefined)[], rewriter: Rewriter, at: Node): Value {
  const { shape } = x.type;
  const place = { before: at, locations: at.locations };
  const size = shape.map((d, i): Dim => (groups[i] ? groups[i].length - groups[i].missing : d));
  const begin = groups.map((g) => g?.from ?? 0);
  const cut =
    begin.every((b) => b === 0) && sameShape(size, shape)
      ? x
      : rewriter.emit(slice, { input: x }, place, { begin, size });
  return groups.some((g) => g && g.missing > 0)
    ? rewriter.emit(pad, { input: cut }, place, { paddings: groups.flatMap((g) => [0, g?.missing ?? 0]) })
    : cut;
}

/**
 * Every second row is the first half of a row of twice the length: a reshape, which costs nothing, and a slice that copies whole rows.
 * The kernel of strided slices moves element by element.
 */
const groupedSlice = defineRule({
  name: "grouped-slice",
  summary: "strided_slice(x, step k) = slice(reshape(x, [.., n, k * ..]))",
  op: stridedSlice,
  rewrite(node, rewriter) {
    const taken = takenOf(node);
    const x = node.operands.input;
    const { shape, dtype } = x.type;
    if (!taken?.some((t) => t && t.step > 1)) return false;
    const groups = taken.map((t, i) => t && groupsOf(t, shape[i] as number));
    if (dtype !== "f32" && groups.some((g) => g && g.missing > 0)) return false;
    // the rest of each group goes to the front of the next axis; behind the last one it is an axis of its own
    const rows: Dim[] = [];
    const begin: number[] = [];
    const size: Dim[] = [];
    let [step, first] = [1, 0];
    for (const [i, t] of [...taken, undefined].entries()) {
      const own: Dim = i === shape.length ? 1 : (t?.count ?? shape[i]!);
      if (i === shape.length && step === 1) break;
      if (step > 1 && !isStatic(own)) return false;
      rows.push(step > 1 ? step * (own as number) : own);
      begin.push(step > 1 ? first * (own as number) : 0);
      size.push(own);
      [step, first] = t ? [t.step, groups[i]!.at] : [1, 0];
    }
    const place = { before: node as never, locations: node.locations };
    const grouped = rewriter.emit(reshape, { input: cutTo(x, groups, rewriter, node as never) }, place, {
      shape: rows,
    });
    const part = rewriter.emit(slice, { input: grouped }, place, { begin, size });
    const to = node.result.type.shape;
    rewriter.replace(node as never, [
      size.length === to.length ? part : rewriter.emit(reshape, { input: part }, place, { shape: to }),
    ]);
    return true;
  },
});

/** Rules that avoid STRIDED_SLICE, whose kernel is slow and which delegates do not take unless its steps are 1. */
export const sliceRules: readonly Rule<any>[] = [groupedSlice];
