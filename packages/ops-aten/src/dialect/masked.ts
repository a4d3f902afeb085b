import {
  broadcastShapes,
  countOf,
  type Dim,
  invalid,
  isStatic,
  operand,
  symbol,
  type TensorData,
  type TensorType,
  tensor,
  tensorData,
  withShape,
} from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { nonzeroOf } from "../semantics/indexing.ts";
import { needSameDType } from "../semantics/same-dtype.ts";
import { broadcasted, copied, copyElement, reshaped, selected } from "../semantics/views.ts";

/** How many elements are selected is known only when the program runs. */
const unknown: Dim = symbol("selected");

export const maskedSelect = defineAten("masked_select(Tensor self, Tensor mask) -> Tensor", {
  summary: "The elements where the mask holds, in row-major order.",
  operands: { mask: operand.dtype("bool") },
  infer({ self, mask }) {
    broadcastShapes(self.shape, mask.shape);
    return withShape(self, [unknown]);
  },
  evaluate({ self, mask }) {
    const shape = broadcastShapes(self.type.shape, mask.type.shape) as number[];
    const [x, keep] = [broadcasted(self, shape), broadcasted(mask, shape)];
    const places = Array.from({ length: countOf(shape) }, (_, i) => i).filter((i) => keep.data[i]);
    return selected(x, [places.length], (i) => places[i]!);
  },
});
export const maskedScatter = defineAten("masked_scatter(Tensor self, Tensor mask, Tensor source) -> Tensor", {
  summary: "`self` with the elements where the mask holds replaced by those of `source`, one after the other.",
  operands: { mask: operand.bool },
  infer({ self, mask, source }) {
    needSameDType(self, source);
    return withShape(self, broadcastShapes(self.shape, mask.shape));
  },
  evaluate({ self, mask, source }) {
    const shape = broadcastShapes(self.type.shape, mask.type.shape) as number[];
    const keep = broadcasted(mask, shape);
    const out = copied(broadcasted(self, shape));
    const held = Array.from(keep.data, Number).reduce((a, b) => a + b, 0);
    if (held > countOf(source.type.shape))
      throw new RangeError(`source has fewer elements than the mask holds at: ${held}`);
    let next = 0;
    for (let i = 0; i < countOf(shape); i++) if (keep.data[i]) copyElement(source, next++, out, i);
    return out;
  },
});

/** Coordinates of the elements that are not zero, one row each. */
function rowsOf(self: TensorData): TensorData {
  const lists = nonzeroOf(self);
  const rank = lists.length;
  const count = rank ? lists[0]!.length : Number(Number(self.data[0]) !== 0);
  return tensorData(
    "i64",
    [count, rank],
    Array.from({ length: count * rank }, (_, i) => lists[i % rank]![Math.floor(i / rank)]!),
  );
}
const rows = {
  traits: { countsElements: true },
  infer: ({ self }: { readonly self: TensorType }) => tensor("i64", [unknown, self.shape.length]),
  evaluate: ({ self }: { readonly self: TensorData }) => rowsOf(self),
};
export const nonzero = defineAten("nonzero(Tensor self) -> Tensor", {
  summary: "Coordinates of the elements that are not zero, one row each.",
  ...rows,
});
export const argwhere = defineAten("argwhere(Tensor self) -> Tensor", { summary: "`nonzero`.", ...rows });
export const nonzeroNumpy = defineAten("nonzero_numpy(Tensor self) -> Tensor[]", {
  summary: "Coordinates of the elements that are not zero, one list for each axis.",
  traits: { countsElements: true },
  infer: ({ self }) => Array.from({ length: Math.max(self.shape.length, 1) }, () => tensor("i64", [unknown])),
  evaluate({ self }) {
    const lists = self.type.shape.length ? nonzeroOf(self) : [nonzeroOf(reshaped(self, [1]))[0]!];
    return lists.map((l) => tensorData("i64", [l.length], l));
  },
});
export const nonzeroStatic = defineAten("nonzero_static(Tensor self, *, SymInt size, int fill_value=-1) -> Tensor", {
  summary: "The first `size` rows of `nonzero`, filled up.",
  infer({ self }, { size }) {
    if (isStatic(size) && size < 0) invalid(`size must not be negative, got ${size}`);
    return tensor("i64", [size, self.shape.length]);
  },
  evaluate({ self }, { size, fill_value }) {
    const found = rowsOf(self);
    const shape = [size as number, self.type.shape.length];
    const values = Array.from({ length: countOf(shape) }, (_, i) =>
      i < found.data.length ? found.data[i]! : fill_value,
    );
    return tensorData("i64", shape, values);
  },
});
