import { type DType, isFloat, type OpDef } from "@tflower/core";
import { aten } from "@tflower/ops-aten";
import { type Draft, defineSample, type Sample, type Slot, slot } from "../application/sample.ts";
import { drawBroadcastable, drawShape } from "../arbitrary/shapes.ts";
import type { Choose } from "../choose/choose.ts";
import { drawAxis, fromFront } from "./axes.ts";
import { drawAny } from "./views.ts";

/** Positions along an axis of `extent`; PyTorch's `index` counts from the end, too, its `gather` does not. */
const positions = (choose: Choose, shape: readonly number[], extent: number, negative = false): Slot =>
  slot("i64", shape, { values: { min: negative && choose.maybe(0.4) ? -extent : 0, max: extent - 1 } });

function drawWithAxis(choose: Choose, o: { readonly maxRank?: number; readonly dtype?: DType } = {}) {
  const drawn = drawAny(choose, { minRank: 1, maxRank: o.maxRank ?? 3 });
  const { shape } = drawn;
  const self = o.dtype ? slot(o.dtype, shape) : slot(drawn.dtype, shape);
  const dim = drawAxis(choose, shape.length);
  const at = fromFront(dim, shape.length);
  return { self, shape, dim, at, extent: shape[at]! };
}
/** A shape no larger than `shape`, but for the axis that positions are along. */
const within = (choose: Choose, shape: readonly number[], at: number): number[] =>
  shape.map((d, i) => (i === at ? choose.between(1, 4) : choose.between(1, d)));

/** Several index tensors that broadcast, with gaps: what `x[:, i, j]` becomes. */
function drawIndices(choose: Choose, shape: readonly number[]): (Slot | undefined)[] {
  const common = drawShape(choose, { maxRank: 2, maxExtent: 3 });
  const indices = shape.slice(0, choose.between(1, shape.length)).map((extent) => {
    if (choose.maybe(0.3)) return undefined;
    const own = common.map((d) => (choose.maybe(0.2) ? 1 : d));
    return positions(choose, own, extent, true);
  });
  return indices.some((i) => i) ? indices : [positions(choose, common, shape[0]!, true)];
}
const indexed = (op: OpDef): Sample => ({
  op,
  draw(choose): Draft {
    const { self, shape } = drawWithAxis(choose, { maxRank: 4 });
    return { operands: { self, indices: drawIndices(choose, shape) } };
  },
});
const gathering = (op: OpDef, name: string): Sample => ({
  op,
  draw(choose): Draft {
    const { self, shape, dim, at, extent } = drawWithAxis(choose);
    return { operands: { self, [name]: positions(choose, within(choose, shape, at), extent) }, attrs: { dim } };
  },
});
/** Places that differ, so that the order of writing does not matter. */
const distinct = (choose: Choose, count: number, extent: number): Slot => {
  const data = BigInt64Array.from(choose.permutation(extent).slice(0, count), BigInt);
  return slot("i64", [data.length], { data: { type: { dtype: "i64", shape: [data.length] }, data } });
};
const writing = (op: OpDef, source: string, attrs: (choose: Choose) => object = () => ({})): Sample => ({
  op,
  draw(choose): Draft {
    const { self, shape, dim, at, extent } = drawWithAxis(choose, { dtype: "f32" });
    const index = distinct(choose, choose.between(1, extent), extent);
    const count = index.type.shape[0] as number;
    return {
      operands: { self, index, [source]: slot("f32", shape.with(at, count)) },
      attrs: { dim, ...attrs(choose) },
    };
  },
});
/** `scatter`: a place for each element of the source, different along the axis. */
const scattering = (op: OpDef, source: boolean, attrs: (choose: Choose) => object = () => ({})): Sample => ({
  op,
  draw(choose): Draft {
    const { self, shape, dim, at, extent } = drawWithAxis(choose, { dtype: "f32" });
    const lines = shape.with(at, 1).map((d) => choose.between(1, d));
    const order = choose.permutation(extent);
    const count = choose.between(1, extent);
    const size = lines.with(at, count);
    const total = size.reduce((a, b) => a * b, 1);
    const inner = size.slice(at + 1).reduce((a, b) => a * b, 1);
    const data = BigInt64Array.from({ length: total }, (_, i) =>
      BigInt(order[(Math.floor(i / inner) % count) % extent]!),
    );
    const index = slot("i64", size, { data: { type: { dtype: "i64", shape: size }, data } });
    return { operands: { self, index, ...(source && { src: slot("f32", size) }) }, attrs: { dim, ...attrs(choose) } };
  },
});
const number = (choose: Choose) => ({ value: choose.pick([0, 1.5, -2]) });
const combine = (choose: Choose) => ({
  reduce: choose.pick(["sum", "prod", "mean", "amax", "amin"]),
  include_self: !choose.maybe(0.5),
});

/** Reading and writing at places given by tensors. */
export const indexingSamples: readonly Sample[] = [
  ...[aten.indexTensor, aten.unsafeIndexTensor].map(indexed),
  gathering(aten.gather, "index"),
  gathering(aten.takeAlongDim, "indices"),
  defineSample(aten.indexSelect, (choose) => {
    const { self, dim, extent } = drawWithAxis(choose);
    return { operands: { self, index: positions(choose, [choose.between(1, 5)], extent) }, attrs: { dim } };
  }),
  defineSample(aten.take, (choose) => {
    const { self, shape } = drawWithAxis(choose);
    return {
      operands: {
        self,
        index: positions(
          choose,
          drawShape(choose, { maxRank: 2 }),
          shape.reduce((a, b) => a * b, 1),
          true,
        ),
      },
    };
  }),
  defineSample(aten.embedding, (choose) => {
    const rows = choose.between(1, 6);
    return {
      operands: {
        weight: slot("f32", [rows, choose.between(1, 5)], { constant: choose.maybe(0.8) }),
        indices: { ...positions(choose, drawShape(choose, { maxRank: 3, maxExtent: 4 }), rows), constant: false },
      },
    };
  }),
  // PyTorch refuses a number that the dtype cannot hold
  defineSample(aten.maskedFillTensor, (choose) => {
    const { self, shape } = drawWithAxis(choose);
    return {
      operands: {
        self,
        mask: slot("bool", drawBroadcastable(choose, shape)),
        value: slot(self.type.dtype, [], { constant: choose.maybe(0.5) }),
      },
    };
  }),
  writing(aten.indexCopy, "source"),
  writing(aten.indexAdd, "source"),
  writing(aten.indexReduce, "source", (choose) => ({
    reduce: choose.pick(["prod", "mean", "amax", "amin"]),
    include_self: !choose.maybe(0.5),
  })),
  defineSample(aten.indexFillIntScalar, (choose) => {
    const { self, dim, extent } = drawWithAxis(choose, { dtype: "f32" });
    return {
      operands: { self, index: distinct(choose, choose.between(1, extent), extent) },
      attrs: { dim, ...number(choose) },
    };
  }),
  scattering(aten.scatterSrc, true),
  scattering(aten.scatterAdd, true),
  scattering(aten.scatterValue, false, number),
  scattering(aten.scatterReduce, true, (choose) => ({ reduce: choose.pick(["add", "multiply"]) })),
  scattering(aten.scatterReduceTwo, true, combine),
  scattering(aten.scatterValueReduce, false, (choose) => ({
    ...number(choose),
    reduce: choose.pick(["add", "multiply"]),
  })),
  ...[aten.indexPut, aten.unsafeIndexPut].map((op) =>
    defineSample(op, (choose) => {
      const { self, shape } = drawWithAxis(choose, { maxRank: 3, dtype: choose.pick<DType>(["f32", "i32"]) });
      const index = distinct(choose, choose.between(1, shape[0]!), shape[0]!);
      const values = slot(self.type.dtype, [index.type.shape[0] as number, ...shape.slice(1)]);
      return {
        operands: { self, indices: [index], values },
        attrs: { accumulate: isFloat(self.type.dtype) && choose.maybe(0.4) },
      };
    }),
  ),
];
