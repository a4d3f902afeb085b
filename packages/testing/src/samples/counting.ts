import { type Dim, type OpDef, symbol, tensor } from "@tflower/core";
import { aten } from "@tflower/ops-aten";
import { type Draft, defineSample, type Sample, type Slot, slot } from "../application/sample.ts";
import { drawDType } from "../arbitrary/dtypes.ts";
import { drawShape } from "../arbitrary/shapes.ts";
import type { Choose } from "../choose/choose.ts";
import { drawAxis } from "./axes.ts";

/** Few different elements, so that many are equal. No NaN, which equals nothing. */
const repetitive = (choose: Choose, shape: readonly number[]): Slot =>
  slot(drawDType(choose, ["f32", "i64", "i32"]), shape, { values: { min: -1, max: 1 }, constant: false });
const whole = (choose: Choose, shape: readonly number[]): Slot => {
  const self = repetitive(choose, shape);
  if (self.type.dtype !== "f32") return self;
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => choose.between(-1, 1));
  return { ...self, data: { type: { dtype: "f32", shape }, data } };
};
/** How many different elements there are is not known when the program is written. */
const found = (): Dim => symbol("u0");

const elements = (op: OpDef, results: number): Sample => ({
  op,
  draw(choose): Draft {
    const shape = drawShape(choose, { minRank: 1, maxRank: 3, maxExtent: 4 });
    const self = whole(choose, shape);
    const types = [tensor(self.type.dtype, [found()]), tensor("i64", shape), tensor("i64", [found()])];
    return {
      operands: { self },
      attrs: {
        ...("sorted" in op.attrs && { sorted: true }),
        return_inverse: true,
        ...(results > 2 && { return_counts: true }),
      },
      types: types.slice(0, results),
    };
  },
});
const slices = (op: OpDef): Sample => ({
  op,
  draw(choose): Draft {
    const shape = drawShape(choose, { minRank: 1, maxRank: 3, maxExtent: 3 });
    const dim = choose.below(shape.length);
    const self = whole(choose, shape);
    return {
      operands: { self },
      attrs: { dim, ...("sorted" in op.attrs && { sorted: true }), return_inverse: true, return_counts: true },
      types: [
        tensor(
          self.type.dtype,
          shape.with(dim, 0).map((d, i): Dim => (i === dim ? found() : d)),
        ),
        tensor("i64", [shape[dim]!]),
        tensor("i64", [found()]),
      ],
    };
  },
});

/** Bags of embeddings: where each begins, in rising order, some of them empty. */
const bags = (op: OpDef): Sample => ({
  op,
  draw(choose): Draft {
    const [rows, width, total, bagCount] = [
      choose.between(1, 5),
      choose.between(1, 4),
      choose.between(1, 6),
      choose.between(1, 4),
    ];
    const include_last_offset = choose.maybe(0.3);
    const cuts = Array.from({ length: bagCount - 1 }, () => choose.between(0, total)).sort((a, b) => a - b);
    const starts = BigInt64Array.from([0, ...cuts, ...(include_last_offset ? [total] : [])], BigInt);
    const mode = choose.below(3);
    const offsets = [starts.length];
    const padding = "padding_idx" in op.attrs ? { padding_idx: choose.pick([-1, 0]) } : {};
    return {
      operands: {
        weight: slot("f32", [rows, width], { values: "finite" }),
        indices: slot("i64", [total], { values: { min: 0, max: rows - 1 }, constant: false }),
        offsets: slot("i64", offsets, {
          data: { type: { dtype: "i64", shape: offsets }, data: starts },
          constant: choose.maybe(0.5),
        }),
        per_sample_weights: mode === 0 && choose.maybe(0.4) ? slot("f32", [total], { values: "finite" }) : undefined,
      },
      attrs: { scale_grad_by_freq: false, sparse: false, mode, include_last_offset, ...padding },
      // what the other three hold is the kernel's business: nothing, where it has no use for them
      types: [tensor("f32", [bagCount, width]), tensor("i64", [0]), tensor("i64", [0]), tensor("i64", [0])],
      outputs: 1,
    };
  },
});

/** Ops that count, and whose results are as long as data says. */
export const countingSamples: readonly Sample[] = [
  elements(aten.unique, 2),
  elements(aten.unique2, 3),
  elements(aten.uniqueConsecutive, 3),
  slices(aten.uniqueDim),
  slices(aten.uniqueDimConsecutive),
  ...[aten.embeddingBag, aten.embeddingBagPaddingIdx, aten.embeddingBagInternal, aten.embeddingBagForwardOnly].map(
    bags,
  ),
  {
    op: aten.bincount,
    draw(choose): Draft {
      const count = choose.between(1, 6);
      const minlength = choose.between(5, 8);
      const weights = choose.maybe(0.5) ? slot("f32", [count], { values: "finite" }) : undefined;
      // places below minlength, so that the length of the result is known
      return {
        operands: { self: slot("i64", [count], { values: { min: 0, max: minlength - 1 }, constant: false }), weights },
        attrs: { minlength },
        types: [tensor(weights ? "f32" : "i64", [minlength])],
      };
    },
  },
  defineSample(aten.oneHot, (choose) => {
    const num_classes = choose.between(1, 5);
    const shape = drawShape(choose, { maxRank: 3, maxExtent: 4 });
    return {
      operands: { self: slot("i64", shape, { values: { min: 0, max: num_classes - 1 }, constant: false }) },
      attrs: { num_classes },
    };
  }),
  {
    op: aten.tensorSplitTensorIndicesOrSections,
    draw(choose): Draft {
      const shape = drawShape(choose, { minRank: 1, maxRank: 3 });
      const dim = drawAxis(choose, shape.length);
      const axis = dim < 0 ? dim + shape.length : dim;
      const extent = shape[axis]!;
      const cuts = Array.from({ length: choose.between(1, 3) }, () => choose.between(0, extent)).sort((a, b) => a - b);
      const ends = [...cuts, extent];
      const at = BigInt64Array.from(cuts, BigInt);
      return {
        operands: {
          self: slot("f32", shape, { constant: false }),
          tensor_indices_or_sections: slot("i64", [at.length], {
            data: { type: { dtype: "i64", shape: [at.length] }, data: at },
            constant: true,
          }),
        },
        attrs: { dim },
        types: ends.map((e, i) => tensor("f32", shape.with(axis, e - (ends[i - 1] ?? 0)))),
      };
    },
  },
];
