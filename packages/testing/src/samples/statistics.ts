import type { OpDef } from "@tflower/core";
import { aten } from "@tflower/ops-aten";
import { type Draft, defineSample, type Sample, type Slot, slot } from "../application/sample.ts";
import { drawShape } from "../arbitrary/shapes.ts";
import type { Choose } from "../choose/choose.ts";
import { drawAxis, fromFront } from "./axes.ts";

const finite = { values: "finite" } as const;
/** Elements that all differ: which of equal ones is found is nobody's promise. */
export function drawDifferent(choose: Choose, shape: readonly number[]): Slot {
  const count = shape.reduce((a, b) => a * b, 1);
  const data = Float32Array.from(choose.permutation(count), (p) => (p - (count >> 1)) / 4);
  return slot("f32", shape, { data: { type: { dtype: "f32", shape }, data }, constant: false });
}
const middle = (op: OpDef): Sample => ({
  op,
  draw(choose): Draft {
    const shape = drawShape(choose, { minRank: 1, maxRank: 3, maxExtent: 5 });
    return {
      operands: { self: drawDifferent(choose, shape) },
      attrs: { dim: drawAxis(choose, shape.length), keepdim: choose.maybe(0.5) },
    };
  },
});

/** Rising coordinates of an axis. */
function coordinates(choose: Choose, extent: number): Slot {
  let at = choose.between(0, 3);
  const data = Float32Array.from({ length: extent }, () => (at += choose.pick([1, 0.5, 2, 0.25])));
  return slot("f32", [extent], { data: { type: { dtype: "f32", shape: [extent] }, data } });
}
const field = (choose: Choose, edge_order: number): { readonly self: Slot; readonly shape: number[] } => {
  const rank = choose.between(1, 3);
  const shape = Array.from({ length: rank }, () => choose.between(edge_order + 1, 5));
  return { shape, self: slot("f32", shape, { ...finite, constant: false }) };
};

/** Statistics and differences, whose operands hang together. */
export const statisticsSamples: readonly Sample[] = [
  ...[aten.medianDim, aten.nanmedianDim].map(middle),
  // through a product, distances of what is infinite are infinities less infinities
  ...[aten.cdist, aten.cdistForward].map((op) =>
    defineSample(op as typeof aten.cdist, (choose) => {
      const lead = drawShape(choose, { maxRank: 1, maxExtent: 3 });
      const width = choose.between(1, 4);
      return {
        operands: {
          x1: slot("f32", [...lead, choose.between(1, 4), width], { ...finite, constant: false }),
          x2: slot("f32", [...lead, choose.between(1, 4), width], finite),
        },
        attrs: { p: choose.pick([2, 1, 0, Infinity, 3, 0.5]), compute_mode: choose.pick([undefined, 0, 1, 2]) },
      };
    }),
  ),
  defineSample(aten.cov, (choose) => {
    const [rows, columns] = [choose.maybe(0.7) ? [choose.between(1, 4)] : [], choose.between(2, 5)];
    return {
      operands: {
        self: slot("f32", [...rows, columns], { ...finite, constant: false }),
        fweights: choose.maybe(0.3) ? slot("i64", [columns], { values: { min: 1, max: 3 } }) : undefined,
        aweights: choose.maybe(0.3) ? slot("f32", [columns], { values: { min: 0.5, max: 2 } }) : undefined,
      },
      attrs: { correction: choose.below(2) },
    };
  }),
  defineSample(aten.gradientTensorarrayint, (choose) => {
    const edge_order = choose.between(1, 2);
    const { self, shape } = field(choose, edge_order);
    if (choose.maybe(0.5)) {
      const dim = drawAxis(choose, shape.length);
      const spacing = [coordinates(choose, shape[fromFront(dim, shape.length)]!)];
      return { operands: { self, spacing }, attrs: { dim, edge_order } };
    }
    return { operands: { self, spacing: shape.map((d) => coordinates(choose, d)) }, attrs: { edge_order } };
  }),
  defineSample(aten.gradientTensorarray, (choose) => {
    const edge_order = choose.between(1, 2);
    const { self, shape } = field(choose, edge_order);
    const dim = choose.permutation(shape.length).slice(0, choose.between(1, shape.length));
    return { operands: { self, spacing: dim.map((a) => coordinates(choose, shape[a]!)) }, attrs: { dim, edge_order } };
  }),
  defineSample(aten.linalgNormOrdStr, (choose) => ({
    operands: { self: slot("f32", [choose.between(1, 4), choose.between(1, 4)], { ...finite, constant: false }) },
    attrs: { ord: "fro", keepdim: choose.maybe(0.5) },
  })),
  ...[aten.linalgCross, aten.cross].map((op) =>
    defineSample(op as typeof aten.linalgCross, (choose) => {
      const others = drawShape(choose, { maxRank: 2, maxExtent: 4 });
      const axis = choose.below(others.length + 1);
      const shape = others.toSpliced(axis, 0, 3);
      return {
        operands: { self: slot("f32", shape, finite), other: slot("f32", shape, finite) },
        attrs: { dim: choose.maybe(0.4) ? axis - shape.length : axis },
      };
    }),
  ),
];
