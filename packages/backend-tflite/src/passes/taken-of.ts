import { type Dim, isStatic, type Node } from "@tflower/core";
import { slice, stridedSlice } from "../dialect/slice.ts";

/** What is taken of one axis: `count` elements from `start` on, every `step`-th. */
export interface Taken {
  readonly start: number;
  readonly step: number;
  readonly count: number;
}
/** What is taken of each axis, `undefined` for all of it. */
export type Cut = readonly (Taken | undefined)[];

/** What is taken of an axis of `extent`; `null` where that is not known. */
function takenAlong(extent: Dim, start: Dim, count: Dim, step: number, toEnd: boolean): Taken | undefined | null {
  if (step === 1 && start === 0 && (count === extent || toEnd)) return undefined;
  if (!isStatic(extent) || !isStatic(start) || !isStatic(count) || start < 0 || step < 1 || count < 1) return null;
  return { start, step, count };
}

/** What a slice or a plain strided slice takes; `undefined` for other nodes, and where it is not known. */
export function takenOf(node: Node): Cut | undefined {
  const shape = node.inputs[0]?.type.shape ?? [];
  const to = node.results[0]?.type.shape ?? [];
  let out: (Taken | undefined | null)[] | undefined;
  if (node.is(slice) && !node.operands.begin && !node.operands.size) {
    const { begin, size } = node.attrs;
    out = shape.map((d, i) => takenAlong(d, begin[i]!, to[i]!, 1, size[i] === -1));
  } else if (node.is(stridedSlice) && !node.operands.begin && !node.operands.end) {
    const a = node.attrs;
    if (a.ellipsis_mask || a.new_axis_mask || a.shrink_axis_mask || a.offset || a.begin.length !== shape.length)
      return undefined;
    const masked = (mask: number, i: number): boolean => (mask & (1 << i)) !== 0;
    out = shape.map((d, i) =>
      takenAlong(d, masked(a.begin_mask, i) ? 0 : a.begin[i]!, to[i]!, a.strides[i]!, masked(a.end_mask, i)),
    );
  }
  return out?.includes(null) ? undefined : (out as Cut | undefined);
}
