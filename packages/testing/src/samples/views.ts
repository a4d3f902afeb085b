import type { DType, OpDef } from "@tflower/core";
import { aten } from "@tflower/ops-aten";
import { type Draft, defineSample, type Sample, type Slot, slot } from "../application/sample.ts";
import { drawDType } from "../arbitrary/dtypes.ts";
import { drawShape, type ShapeOptions } from "../arbitrary/shapes.ts";
import type { Choose } from "../choose/choose.ts";
import { drawAxes, drawAxis, fromFront } from "./axes.ts";

/** A tensor of any dtype with any elements, which ops that only move elements must keep. */
export const drawAny = (
  choose: Choose,
  o: ShapeOptions = {},
): Slot & { readonly shape: readonly number[]; readonly dtype: DType } => {
  const [dtype, shape] = [drawDType(choose), drawShape(choose, o)];
  return { ...slot(dtype, shape, { values: "any" }), shape, dtype };
};

/** Another shape of as many elements: neighbouring axes join, axes split, ones come and go. */
export function drawRegrouped(choose: Choose, shape: readonly number[]): number[] {
  const out: number[] = [];
  for (const d of shape) {
    if (out.length && choose.maybe(0.4)) out[out.length - 1]! *= d;
    else if (choose.maybe(0.3)) {
      const divisors = Array.from({ length: d }, (_, i) => i + 1).filter((k) => d % k === 0);
      const k = choose.pick(divisors);
      out.push(d / k, k);
    } else out.push(d);
    if (choose.maybe(0.1)) out.push(1);
  }
  return out;
}

/** A size as people write it: one extent may be left to be inferred. */
function drawSize(choose: Choose, shape: readonly number[]): number[] {
  const size = drawRegrouped(choose, shape);
  return size.length && choose.maybe(0.4) ? size.with(choose.below(size.length), -1) : size;
}

const moved = (choose: Choose, o: ShapeOptions = {}) => {
  const { shape, ...self } = drawAny(choose, o);
  return { self, shape, rank: shape.length };
};
const sized = (op: OpDef, attribute: string): Sample => ({
  op,
  draw(choose): Draft {
    const { self, shape } = moved(choose);
    return { operands: { self }, attrs: { [attribute]: drawSize(choose, shape) } };
  },
});
const twoAxes = (op: OpDef, a: string, b: string): Sample => ({
  op,
  draw(choose): Draft {
    const { self, rank } = moved(choose, { minRank: 1 });
    return { operands: { self }, attrs: { [a]: drawAxis(choose, rank), [b]: drawAxis(choose, rank) } };
  },
});
const permuting = (op: OpDef): Sample => ({
  op,
  draw(choose): Draft {
    const { self, rank } = moved(choose, { maxRank: 5 });
    return {
      operands: { self },
      attrs: { dims: choose.permutation(rank).map((a) => (choose.maybe(0.3) ? a - rank : a)) },
    };
  },
});
const movingAxes = (op: OpDef): Sample => ({
  op,
  draw(choose): Draft {
    const { self, rank } = moved(choose, { minRank: 1 });
    const source = drawAxes(choose, rank, 1);
    return { operands: { self }, attrs: { source, destination: choose.permutation(rank).slice(0, source.length) } };
  },
});
const strided = (choose: Choose) => {
  const { self, shape } = moved(choose, { minRank: 1, maxRank: 2 });
  const count = shape.reduce((a, b) => a * b, 1);
  const size = drawShape(choose, { maxRank: 3, maxExtent: 3 });
  let left = count - 1;
  const stride = size.map((d) => {
    const s = d > 1 ? choose.between(0, Math.floor(left / (d - 1))) : choose.below(4);
    left -= (d - 1) * s;
    return s;
  });
  return { self, attrs: { size, stride, storage_offset: choose.below(left + 1) }, size };
};
const expanding = (op: OpDef): Sample => ({
  op,
  draw(choose): Draft {
    const target = drawShape(choose);
    const own = target.slice(choose.below(target.length + 1)).map((d) => (choose.maybe(0.4) ? 1 : d));
    const lead = target.length - own.length;
    const size = target.map((d, i) => (i >= lead && own[i - lead] === d && choose.maybe(0.3) ? -1 : d));
    return { operands: { self: slot(drawDType(choose), own, { values: "any" }) }, attrs: { size } };
  },
});
const repeating = (op: OpDef, attribute: string): Sample => ({
  op,
  draw(choose): Draft {
    const { self, rank } = moved(choose, { maxRank: 3, maxExtent: 4 });
    return {
      operands: { self },
      attrs: { [attribute]: Array.from({ length: rank + choose.below(2) }, () => choose.between(1, 3)) },
    };
  },
});

/** Views, and what else only moves elements. */
export const viewSamples: readonly Sample[] = [
  ...[aten.permute, aten.permuteCopy].map(permuting),
  sized(aten.reshape, "shape"),
  ...[aten.view, aten.viewCopy, aten.unsafeView].map((op) => sized(op, "size")),
  ...[aten.transposeInt, aten.transposeCopyInt, aten.swapdims].map((op) => twoAxes(op, "dim0", "dim1")),
  twoAxes(aten.swapaxes, "axis0", "axis1"),
  ...[aten.movedimInt, aten.moveaxisInt].map((op) => twoAxes(op, "source", "destination")),
  ...[aten.movedimIntlist, aten.moveaxisIntlist].map(movingAxes),
  ...[aten.expand, aten.expandCopy, aten.broadcastTo].map(expanding),
  repeating(aten.repeat, "repeats"),
  repeating(aten.tile, "dims"),
  ...[aten.item, aten.localScalarDense].map((op) =>
    defineSample(op, (choose) => ({
      operands: {
        self: slot("f32", new Array<number>(choose.between(0, 3)).fill(1), { constant: false, values: "any" }),
      },
    })),
  ),
  defineSample(aten.flattenUsingInts, (choose) => {
    const { self, rank } = moved(choose);
    const [a, b] = [drawAxis(choose, rank), drawAxis(choose, rank)];
    const inOrder = fromFront(a, Math.max(rank, 1)) <= fromFront(b, Math.max(rank, 1));
    return { operands: { self }, attrs: { start_dim: inOrder ? a : b, end_dim: inOrder ? b : a } };
  }),
  defineSample(aten.unflattenInt, (choose) => {
    const { self, shape, rank } = moved(choose, { minRank: 1 });
    const dim = drawAxis(choose, rank);
    return { operands: { self }, attrs: { dim, sizes: drawSize(choose, [shape[fromFront(dim, rank)]!]) } };
  }),
  ...[aten.asStrided, aten.asStridedCopy].map((op) =>
    defineSample(op, (choose) => {
      const { self, attrs } = strided(choose);
      return { operands: { self }, attrs };
    }),
  ),
  defineSample(aten.asStridedScatter, (choose) => {
    const { self, attrs, size } = strided(choose);
    // places that are written twice have no defined result
    if (new Set(placesOf(size, attrs.stride)).size < size.reduce((a, b) => a * b, 1)) choose.discard();
    return { operands: { self, src: slot(self.type.dtype, size) }, attrs };
  }),
  defineSample(aten.diagonalScatter, (choose) => {
    const { self, shape } = moved(choose, { minRank: 2, maxRank: 2 });
    const offset = choose.between(0, shape[1]! - 1);
    return {
      operands: { self, src: slot(self.type.dtype, [Math.min(shape[0]!, shape[1]! - offset)]) },
      attrs: { offset },
    };
  }),
];

function placesOf(size: readonly number[], stride: readonly number[]): number[] {
  return size.reduce<number[]>(
    (places, d, i) => places.flatMap((p) => Array.from({ length: d }, (_, k) => p + k * stride[i]!)),
    [0],
  );
}
