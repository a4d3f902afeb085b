import {
  addDim,
  allocate,
  countOf,
  type Dim,
  invalid,
  operand,
  roundTo,
  staticShape,
  symbol,
  type TensorData,
  type TensorType,
  tensor,
  tensorData,
  withShape,
  wrap,
} from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { placeOf } from "../semantics/indexing.ts";
import { wrappedPadding } from "../semantics/padding-index.ts";
import { selected } from "../semantics/views.ts";

const indices = operand.dtype("i64", "i32");

export const embedding = defineAten(
  "embedding(Tensor weight, Tensor indices, SymInt padding_idx=-1, bool scale_grad_by_freq=False, bool sparse=False) -> Tensor",
  {
    summary: "Rows of a table by index.",
    operands: { indices, weight: operand.rank(2) },
    infer: ({ weight, indices }) => withShape(weight, [...indices.shape, weight.shape[1]!]),
    evaluate({ weight, indices }) {
      const [rows, width] = weight.type.shape as readonly [number, number];
      return selected(
        weight,
        [...(indices.type.shape as readonly number[]), width],
        (i) => placeOf(indices.data[Math.floor(i / width)]!, rows, false) * width + (i % width),
      );
    },
  },
);

export const oneHot = defineAten("one_hot(Tensor self, int num_classes=-1) -> Tensor", {
  summary: "A new last axis with 1 at the class, 0 elsewhere; without `num_classes`, as many as the data needs.",
  operands: { self: operand.dtype("i64") },
  infer: ({ self }, { num_classes }) =>
    tensor("i64", [...self.shape, num_classes === -1 ? symbol("classes") : num_classes]),
  evaluate({ self }, { num_classes }) {
    const at = Array.from(self.data, Number);
    const classes = num_classes === -1 ? at.reduce((a, b) => Math.max(a, b), -1) + 1 : num_classes;
    const values = new Array<number>(at.length * classes).fill(0);
    at.forEach((c, i) => {
      values[i * classes + placeOf(c, classes, false)] = 1;
    });
    return tensorData("i64", [...(self.type.shape as readonly number[]), classes], values);
  },
});

/** What `mode` counts: 0 sums, 1 means, 2 largest. */
const modes = ["sum", "mean", "max"] as const;
interface Bag<T> {
  readonly weight: T;
  readonly indices: T;
  readonly offsets: T;
  readonly per_sample_weights: T | undefined;
}
interface BagAttrs {
  readonly mode: number;
  readonly include_last_offset: boolean;
  readonly padding_idx?: number | undefined;
}
/** How many bags there are. */
const bagCount = (offsets: TensorType, includeLast: boolean): Dim => addDim(offsets.shape[0]!, includeLast ? -1 : 0);

function bags(
  { weight, indices, offsets, per_sample_weights }: Bag<TensorData>,
  { mode, include_last_offset, padding_idx }: BagAttrs,
  types: readonly TensorType[],
): TensorData[] {
  const how = modes[mode] ?? invalid(`mode must be 0, 1 or 2, got ${mode}`);
  const [rows, width] = weight.type.shape as readonly [number, number];
  const starts = Array.from(offsets.data, Number);
  const count = bagCount(offsets.type, include_last_offset) as number;
  const total = indices.data.length;
  const skip = padding_idx === undefined || padding_idx < 0 ? -1 : padding_idx;
  const out = allocate(weight.type.dtype, count * width) as Float32Array;
  const sizes: number[] = [];
  const round = roundTo(weight.type.dtype) ?? ((v: number) => v);
  for (let b = 0; b < count; b++) {
    const members = Array.from(
      { length: Math.max((starts[b + 1] ?? total) - starts[b]!, 0) },
      (_, i) => starts[b]! + i,
    ).filter((i) => Number(indices.data[i]) !== skip);
    sizes.push(members.length);
    for (let c = 0; c < width; c++) {
      const line = members.map(
        (i) =>
          (weight.data[placeOf(indices.data[i]!, rows, false) * width + c] as number) *
          (per_sample_weights ? (per_sample_weights.data[i] as number) : 1),
      );
      const sum = line.reduce((x, y) => x + y, 0);
      out[b * width + c] =
        line.length === 0
          ? 0
          : round(how === "max" ? line.reduce((x, y) => Math.max(x, y)) : how === "mean" ? sum / line.length : sum);
    }
  }
  const result = wrap(tensor(weight.type.dtype, [count, width]), out);
  // what the other three hold belongs to the kernel; only the sizes of bags are anybody's business
  const rest = types.slice(1).map((t, k) => {
    const shape = staticShape(t.shape);
    return tensorData(
      t.dtype,
      shape,
      k === 1 && countOf(shape) === count ? sizes : new Array<number>(countOf(shape)).fill(0),
    );
  });
  return [result, ...rest];
}
const bagOperands = {
  weight: operand.rank(2),
  indices: operand.both(indices, operand.rank(1)),
  offsets: operand.both(indices, operand.rank(1)),
};
/** Types come from the program: what the last three results are depends on the kernel that PyTorch would choose. */
const bagging = { operands: bagOperands, evaluate: bags };
export const embeddingBag = defineAten(
  "embedding_bag(Tensor weight, Tensor indices, Tensor offsets, bool scale_grad_by_freq=False, int mode=0, bool sparse=False, Tensor? per_sample_weights=None, bool include_last_offset=False) -> (Tensor, Tensor, Tensor, Tensor)",
  { summary: "Sums, means or maxima of bags of embeddings.", ...bagging },
);
export const embeddingBagPaddingIdx = defineAten(
  "embedding_bag.padding_idx(Tensor weight, Tensor indices, Tensor offsets, bool scale_grad_by_freq, int mode, bool sparse, Tensor? per_sample_weights, bool include_last_offset, int? padding_idx) -> (Tensor, Tensor, Tensor, Tensor)",
  {
    summary: "`embedding_bag` that skips one index, which may count from the end.",
    operands: bagOperands,
    evaluate: (operands, { padding_idx, ...attrs }, types) =>
      bags(operands, { ...attrs, padding_idx: wrappedPadding(padding_idx, operands.weight.type.shape[0]!) }, types),
  },
);
export const embeddingBagInternal = defineAten(
  "_embedding_bag(Tensor weight, Tensor indices, Tensor offsets, bool scale_grad_by_freq=False, int mode=0, bool sparse=False, Tensor? per_sample_weights=None, bool include_last_offset=False, int padding_idx=-1) -> (Tensor, Tensor, Tensor, Tensor)",
  { summary: "`embedding_bag` that skips one index.", ...bagging },
);
export const embeddingBagForwardOnly = defineAten(
  "_embedding_bag_forward_only(Tensor weight, Tensor indices, Tensor offsets, bool scale_grad_by_freq=False, int mode=0, bool sparse=False, Tensor? per_sample_weights=None, bool include_last_offset=False, int padding_idx=-1) -> (Tensor, Tensor, Tensor, Tensor)",
  { summary: "`embedding_bag` that skips one index.", ...bagging },
);
