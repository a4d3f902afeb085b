import type { OpDef } from "@tflower/core";
import { aten } from "@tflower/ops-aten";
import type { Draft, Sample } from "../application/sample.ts";
import { slot } from "../application/sample.ts";
import { drawDType } from "../arbitrary/dtypes.ts";
import { drawShape } from "../arbitrary/shapes.ts";
import type { Choose } from "../choose/choose.ts";
import { drawAxis, fromFront } from "./axes.ts";
import { drawAny } from "./views.ts";

/** A tensor and one of its axes. */
function drawWithAxis(choose: Choose, maxRank = 4) {
  const { shape, ...self } = drawAny(choose, { minRank: 1, maxRank });
  const dim = drawAxis(choose, shape.length);
  return { self, shape, dim, at: fromFront(dim, shape.length), extent: shape[fromFront(dim, shape.length)]! };
}

/** A place as Python counts: from either end, and beyond both; the end of everything is the largest int64. */
const drawBound = (choose: Choose, extent: number): number | undefined => {
  const kind = choose.below(4);
  if (kind === 0) return undefined;
  if (kind === 1) return Number.MAX_SAFE_INTEGER;
  return choose.between(-extent - 2, extent + 2);
};
const drawSlice = (choose: Choose, extent: number) => ({
  start: drawBound(choose, extent),
  end: drawBound(choose, extent),
  step: choose.maybe(0.5) ? choose.between(1, 4) : 1,
});

const slicing = (op: OpDef): Sample => ({
  op,
  draw(choose): Draft {
    const { self, dim, extent } = drawWithAxis(choose);
    return { operands: { self }, attrs: { dim, ...drawSlice(choose, extent) } };
  },
});
const selecting = (op: OpDef): Sample => ({
  op,
  draw(choose): Draft {
    const { self, dim, extent } = drawWithAxis(choose);
    return { operands: { self }, attrs: { dim, index: choose.between(-extent, extent - 1) } };
  },
});
const narrowing = (op: OpDef): Sample => ({
  op,
  draw(choose): Draft {
    const { self, dim, extent } = drawWithAxis(choose);
    const start = choose.below(extent);
    return {
      operands: { self },
      attrs: { dim, start: choose.maybe(0.3) ? start - extent : start, length: choose.between(1, extent - start) },
    };
  },
});
const splitting = (op: OpDef, attribute: string): Sample => ({
  op,
  draw(choose): Draft {
    const { self, dim, extent } = drawWithAxis(choose);
    return { operands: { self }, attrs: { [attribute]: choose.between(1, extent + 1), dim } };
  },
});
const splittingInto = (op: OpDef, attribute: string): Sample => ({
  op,
  draw(choose): Draft {
    const { self, dim, extent } = drawWithAxis(choose);
    const sizes: number[] = [];
    for (let left = extent; left > 0; left -= sizes.at(-1)!) sizes.push(choose.between(1, left));
    return { operands: { self }, attrs: { [attribute]: sizes, dim } };
  },
});
const joining = (op: OpDef, dim: boolean): Sample => ({
  op,
  draw(choose): Draft {
    const base = drawShape(choose, { minRank: 1, maxRank: 4, maxExtent: 4 });
    const axis = drawAxis(choose, base.length);
    const at = fromFront(axis, base.length);
    const dtype = drawDType(choose);
    const tensors = Array.from({ length: choose.between(1, 4) }, () => {
      const shape = dim ? base.with(at, choose.between(1, 4)) : base;
      return slot(choose.maybe(0.1) ? drawDType(choose) : dtype, shape, { values: "any" });
    });
    return { operands: { tensors }, attrs: dim ? { dim: axis } : {} };
  },
});
/** `base` with `src` written to a part of it. */
const scattering = (
  op: OpDef,
  part: (choose: Choose, extent: number) => { readonly attrs: object; readonly count: number | undefined },
): Sample => ({
  op,
  draw(choose): Draft {
    const { self, shape, dim, at, extent } = drawWithAxis(choose, 3);
    const { attrs, count } = part(choose, extent);
    return {
      operands: {
        self,
        src: slot(self.type.dtype, count === undefined ? shape.toSpliced(at, 1) : shape.with(at, count)),
      },
      attrs: { dim, ...attrs },
    };
  },
});

/** Slices, parts, and what is made of parts. */
export const slicingSamples: readonly Sample[] = [
  ...[aten.sliceTensor, aten.sliceCopyTensor].map(slicing),
  ...[aten.selectInt, aten.selectCopyInt].map(selecting),
  ...[aten.narrow, aten.narrowCopy].map(narrowing),
  ...[aten.splitTensor, aten.splitCopyTensor, aten.unsafeSplitTensor].map((op) => splitting(op, "split_size")),
  ...[aten.chunk, aten.unsafeChunk].map((op) => splitting(op, "chunks")),
  splitting(aten.tensorSplitSections, "sections"),
  splittingInto(aten.splitSizes, "split_size"),
  ...[aten.splitWithSizes, aten.splitWithSizesCopy, aten.unsafeSplitWithSizes].map((op) =>
    splittingInto(op, "split_sizes"),
  ),
  ...[aten.cat, aten.concat, aten.concatenate].map((op) => joining(op, true)),
  ...[aten.hstack, aten.vstack, aten.rowStack, aten.dstack, aten.columnStack].map((op) => joining(op, false)),
  {
    op: aten.stack,
    draw(choose): Draft {
      const { shape, dtype } = drawAny(choose, { maxRank: 3 });
      const tensors = Array.from({ length: choose.between(1, 4) }, () => slot(dtype, shape, { values: "any" }));
      return { operands: { tensors }, attrs: { dim: drawAxis(choose, shape.length + 1) } };
    },
  },
  scattering(aten.selectScatter, (choose, extent) => ({
    attrs: { index: choose.between(-extent, extent - 1) },
    count: undefined,
  })),
  scattering(aten.sliceScatter, (choose, extent) => {
    const start = choose.below(extent);
    const step = choose.between(1, 3);
    const end = choose.between(start + 1, extent);
    return { attrs: { start, end, step }, count: Math.ceil((end - start) / step) };
  }),
];
