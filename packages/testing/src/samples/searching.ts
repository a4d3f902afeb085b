import type { OpDef } from "@tflower/core";
import { aten } from "@tflower/ops-aten";
import { type Draft, defineSample, type Sample, type Slot, slot } from "../application/sample.ts";
import { drawShape } from "../arbitrary/shapes.ts";
import type { Choose } from "../choose/choose.ts";
import { drawAxis, fromFront } from "./axes.ts";
import { drawAny } from "./views.ts";

/** Lines of rising elements, some of them equal. */
function rising(choose: Choose, lead: readonly number[], length: number): Slot {
  const shape = [...lead, length];
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
  for (let i = 0, at = 0; i < data.length; i++)
    data[i] = at = i % length === 0 ? choose.between(-2, 1) : at + choose.pick([1, 0, 0.5]);
  return slot("f32", shape, { data: { type: { dtype: "f32", shape }, data } });
}
/** Numbers of which many lie on the bounds. */
const sought = (choose: Choose, shape: readonly number[]): Slot => {
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => choose.between(-6, 8) / 2);
  return slot("f32", shape, { data: { type: { dtype: "f32", shape }, data }, constant: false });
};
const flags = (choose: Choose) => ({ right: choose.maybe(0.5), out_int32: choose.maybe(0.3) });
const number = (choose: Choose): number => choose.pick([0, 1, -1.5, 2.5]);

const quantiles = (op: OpDef, tensor: boolean): Sample => ({
  op,
  draw(choose): Draft {
    const shape = drawShape(choose, { minRank: 1, maxRank: 3, maxExtent: 5 });
    const along = choose.maybe(0.7) ? { dim: drawAxis(choose, shape.length) } : {};
    const rest = {
      ...along,
      keepdim: choose.maybe(0.4),
      interpolation: choose.pick(["linear", "lower", "higher", "midpoint", "nearest"]),
    };
    // an infinity less another one is NaN in some orders of steps
    const self = slot("f32", shape, { values: "finite", constant: false });
    if (!tensor) return { operands: { self }, attrs: { q: choose.pick([0.5, 0, 1, 0.25, 0.9]), ...rest } };
    const count = choose.maybe(0.6) ? [choose.between(1, 3)] : [];
    return {
      operands: { self, q: slot("f32", count, { values: { min: 0, max: 1 }, constant: choose.maybe(0.7) }) },
      attrs: rest,
    };
  },
});

/** Searching among sorted elements, and ops whose operands are counts or places. */
export const searchingSamples: readonly Sample[] = [
  defineSample(aten.searchsortedTensor, (choose) => {
    const lead = choose.maybe(0.5) ? drawShape(choose, { maxRank: 2, maxExtent: 3 }) : [];
    const width = choose.between(1, 4);
    return {
      operands: {
        sorted_sequence: rising(choose, lead, choose.between(1, 5)),
        self: sought(choose, [...lead, width]),
        sorter: undefined,
      },
      attrs: flags(choose),
    };
  }),
  defineSample(aten.searchsortedScalar, (choose) => ({
    operands: { sorted_sequence: { ...rising(choose, [], choose.between(1, 5)), constant: false }, sorter: undefined },
    attrs: { self: number(choose), ...flags(choose) },
  })),
  defineSample(aten.bucketizeTensor, (choose) => ({
    operands: {
      self: sought(choose, drawShape(choose, { maxRank: 3 })),
      boundaries: rising(choose, [], choose.between(1, 5)),
    },
    attrs: flags(choose),
  })),
  defineSample(aten.bucketizeScalar, (choose) => ({
    operands: { boundaries: { ...rising(choose, [], choose.between(1, 5)), constant: false } },
    attrs: { self: number(choose), ...flags(choose) },
  })),
  ...[aten.quantile, aten.nanquantile].map((op) => quantiles(op, true)),
  ...[aten.quantileScalar, aten.nanquantileScalar].map((op) => quantiles(op, false)),
  defineSample(aten.repeatInterleaveTensor, (choose) => {
    const count = choose.between(1, 4);
    const times = BigInt64Array.from({ length: count }, () => BigInt(choose.between(0, 3)));
    const output_size = Number(times.reduce((a, b) => a + b, 0n));
    if (output_size === 0) choose.discard();
    const repeats = slot("i64", [count], { data: { type: { dtype: "i64", shape: [count] }, data: times } });
    return { operands: { repeats: { ...repeats, constant: choose.maybe(0.5) } }, attrs: { output_size } };
  }),
  defineSample(aten.repeatInterleaveSelfTensor, (choose) => {
    const { shape, ...self } = drawAny(choose, { minRank: 1, maxRank: 3, maxExtent: 4 });
    const dim = drawAxis(choose, shape.length);
    const count = choose.maybe(0.3) ? 1 : shape[fromFront(dim, shape.length)]!;
    const times = BigInt64Array.from({ length: count }, () => BigInt(choose.between(1, 3)));
    const extent = shape[fromFront(dim, shape.length)]!;
    const output_size = count === 1 ? Number(times[0]) * extent : Number(times.reduce((a, b) => a + b, 0n));
    const repeats = slot("i64", [count], { data: { type: { dtype: "i64", shape: [count] }, data: times } });
    return {
      operands: { self: { ...self, constant: false }, repeats: { ...repeats, constant: choose.maybe(0.5) } },
      attrs: { dim, output_size },
    };
  }),
  defineSample(aten.put, (choose) => {
    const shape = drawShape(choose, { minRank: 1, maxRank: 3, maxExtent: 4 });
    const total = shape.reduce((a, b) => a * b, 1);
    // places that differ, so that the order of writing does not matter
    const at = choose.permutation(total).slice(0, choose.between(1, total));
    const data = BigInt64Array.from(at, (p) => BigInt(choose.maybe(0.3) ? p - total : p));
    return {
      operands: {
        self: slot("f32", shape, { constant: false }),
        index: slot("i64", [at.length], { data: { type: { dtype: "i64", shape: [at.length] }, data } }),
        source: slot("f32", [at.length]),
      },
      attrs: { accumulate: choose.maybe(0.4) },
    };
  }),
  defineSample(aten.indexFillIntTensor, (choose) => {
    const { shape, dtype, ...self } = drawAny(choose, { minRank: 1, maxRank: 3, maxExtent: 4 });
    const dim = drawAxis(choose, shape.length);
    const extent = shape[fromFront(dim, shape.length)]!;
    return {
      operands: {
        self: { ...self, constant: false },
        index: slot("i64", [choose.between(1, extent)], { values: { min: 0, max: extent - 1 } }),
        value: slot(dtype, [], { constant: choose.maybe(0.5) }),
      },
      attrs: { dim },
    };
  }),
  defineSample(aten.embeddingRenorm, (choose) => {
    const rows = choose.between(1, 5);
    return {
      operands: {
        self: slot("f32", [rows, choose.between(1, 4)], { values: "finite", constant: false }),
        indices: slot("i64", drawShape(choose, { maxRank: 2, maxExtent: 4 }), { values: { min: 0, max: rows - 1 } }),
      },
      attrs: { max_norm: choose.pick([1, 0.5, 3]), norm_type: choose.pick([2, 1, 3]) },
    };
  }),
  defineSample(aten.nativeDropout, (choose) => ({
    operands: { input: slot("f32", drawShape(choose), { constant: false }) },
    attrs: { p: choose.pick([0.5, 0]), train: false },
  })),
  defineSample(aten.featureDropout, (choose) => ({
    operands: { input: slot("f32", drawShape(choose, { minRank: 2 }), { constant: false }) },
    attrs: { p: choose.pick([0.5, 0]), train: false },
  })),
];
