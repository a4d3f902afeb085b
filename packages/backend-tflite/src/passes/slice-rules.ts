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
import { type Taken, takenOf } from "./taken-of.ts";

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
    const taken = takenOf(node as never);
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

/** A cut of a cut is a cut. */
const mergeSlices = (op: typeof slice | typeof stridedSlice): Rule<any> =>
  defineRule({
    name: `merge-${op.name.slice(4).replaceAll("_", "-")}`,
    summary: "slice(slice(x, b), c) = slice(x, b + c), steps multiplied",
    op: op as typeof slice,
    rewrite(node, rewriter) {
      const before = node.operands.input.producer;
      const inner = before && takenOf(before);
      const outer = inner && takenOf(node as never);
      if (!inner || !outer) return false;
      const both = outer.map((o, i): Taken | undefined => {
        const n = inner[i];
        if (!o || !n) return o ?? n;
        return { start: n.start + n.step * o.start, step: n.step * o.step, count: o.count };
      });
      const place = { before: node as never, locations: node.locations };
      const x = before.operands_["input"] as Value;
      const { shape } = x.type;
      const begin = both.map((t) => t?.start ?? 0);
      if (both.every((t) => !t || t.step === 1)) {
        const size = shape.map((d, i) => both[i]?.count ?? (isStatic(d) ? d : -1));
        rewriter.replace(node as never, [rewriter.emit(slice, { input: x }, place, { begin, size })]);
        return true;
      }
      const whole = both.reduce((mask, t, i) => (t ? mask : mask | (1 << i)), 0);
      const end = both.map((t) => (t ? t.start + (t.count - 1) * t.step + 1 : 0));
      const attrs = { begin, end, strides: both.map((t) => t?.step ?? 1), begin_mask: whole, end_mask: whole };
      rewriter.replace(node as never, [rewriter.emit(stridedSlice, { input: x }, place, attrs)]);
      return true;
    },
  });
/** Rules that make one slice of several. */
export const mergeSliceRules: readonly Rule<any>[] = [mergeSlices(slice), mergeSlices(stridedSlice)];

/** Rules that avoid STRIDED_SLICE, whose kernel is slow and which delegates do not take unless its steps are 1. */
export const sliceRules: readonly Rule<any>[] = [groupedSlice];
