import {
  broadcastShapes,
  type Dim,
  invalid,
  isStatic,
  operand,
  showDim,
  showType,
  type TensorData,
  type TensorType,
  withShape,
} from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { combineElement } from "../semantics/accumulate.ts";
import { indexedShape, selectionOf } from "../semantics/indexing.ts";
import { castData } from "../semantics/pointwise.ts";
import { scalarTensor } from "../semantics/scalar.ts";
import { broadcasted, copied, copyElement, selected } from "../semantics/views.ts";

const operands = { indices: operand.variadicOptional(operand.dtype("i64", "i32", "bool", "u8")) };

/** Places only: masks are resolved before they come here. */
const places = { indices: operand.variadicOptional(operand.dtype("i64", "i32")) };

interface Indexed<T> {
  readonly self: T;
  readonly indices: readonly (T | undefined)[];
}
const indexing = {
  operands,
  infer: ({ self, indices }: Indexed<TensorType>) => withShape(self, indexedShape(self, indices)),
  evaluate({ self, indices }: Indexed<TensorData>) {
    const { shape, from } = selectionOf(self.type.shape, indices);
    return selected(self, shape, (i) => from[i]!);
  },
};
export const indexTensor = defineAten("index.Tensor(Tensor self, Tensor?[] indices) -> Tensor", {
  summary: "NumPy's advanced indexing: places by integer tensors or masks, broadcast together.",
  ...indexing,
});
export const unsafeIndexTensor = defineAten("_unsafe_index.Tensor(Tensor self, Tensor?[] indices) -> Tensor", {
  summary: "`index` whose indices are known to be in range.",
  ...indexing,
});

/** Refuses what does not broadcast to `shape`; symbolic extents are taken as equal. */
function needSpread(type: TensorType, shape: readonly Dim[], name: string): void {
  const both = broadcastShapes(type.shape, shape);
  const fits =
    both.length === shape.length && both.every((d, i) => d === shape[i] || !isStatic(d) || !isStatic(shape[i]!));
  if (!fits) invalid(`${name} does not broadcast to [${shape.map(showDim).join(",")}], got ${showType(type)}`);
}
interface Put<T> extends Indexed<T> {
  readonly values: T;
}
const putting = {
  operands,
  infer({ self, indices, values }: Put<TensorType>) {
    needSpread(values, indexedShape(self, indices), "values");
    return self;
  },
  evaluate({ self, indices, values }: Put<TensorData>, { accumulate }: { readonly accumulate: boolean }): TensorData {
    const { shape, from } = selectionOf(self.type.shape, indices);
    const source = castData(broadcasted(values, shape), self.type.dtype);
    const out = copied(self);
    from.forEach((to, i) => {
      if (accumulate) combineElement(out, to, source, i, "sum");
      else copyElement(source, i, out, to);
    });
    return out;
  },
};
export const indexPut = defineAten(
  "index_put(Tensor self, Tensor?[] indices, Tensor values, bool accumulate=False) -> Tensor",
  {
    summary: "`self` with the elements that indices select replaced, or added to.",
    ...putting,
  },
);
export const unsafeIndexPut = defineAten(
  "_unsafe_index_put(Tensor self, Tensor?[] indices, Tensor values, bool accumulate=False) -> Tensor",
  {
    summary: "`index_put` whose indices are known to be in range.",
    ...putting,
  },
);

/** Indices clamped to lie inside, as masked indexing does before it looks. */
const clampedPlace = (i: number | bigint, extent: number): number => Math.min(Math.max(Number(i), 0), extent - 1);
const clampedPutPlace = (i: number | bigint, extent: number): number => {
  const clamped = Math.min(Math.max(Number(i), -extent), extent - 1);
  return clamped < 0 ? clamped + extent : clamped;
};
export const unsafeMaskedIndex = defineAten(
  "_unsafe_masked_index(Tensor self, Tensor mask, Tensor?[] indices, Scalar fill) -> Tensor",
  {
    summary: "`index` with clamped indices, and `fill` where the mask does not hold.",
    operands: { ...places, mask: operand.bool },
    infer({ self, mask, indices }) {
      const shape = indexedShape(self, indices);
      needSpread(mask, shape, "mask");
      return withShape(self, shape);
    },
    evaluate({ self, mask, indices }, { fill }, [type]) {
      const shape = type!.shape as readonly number[];
      const empty = self.data.length === 0;
      const from = empty ? undefined : selectionOf(self.type.shape, indices, clampedPlace);
      const picked = from
        ? selected(self, from.shape, (i) => from.from[i]!)
        : broadcasted(scalarTensor(fill, self.type.dtype), shape);
      const keep = broadcasted(mask, picked.type.shape);
      const other = scalarTensor(fill, self.type.dtype);
      keep.data.forEach((k: number | bigint, i: number) => {
        if (!k) copyElement(other, 0, picked, i);
      });
      return picked;
    },
  },
);
export const unsafeMaskedIndexPutAccumulate = defineAten(
  "_unsafe_masked_index_put_accumulate(Tensor self, Tensor mask, Tensor?[] indices, Tensor values) -> Tensor",
  {
    summary: "`index_put` that adds, with clamped indices, only where the mask holds.",
    operands: { ...places, mask: operand.bool },
    infer({ self, mask, indices, values }) {
      const shape = indexedShape(self, indices);
      needSpread(values, shape, "values");
      needSpread(mask, values.shape, "mask");
      return self;
    },
    evaluate({ self, mask, indices, values }) {
      if (self.data.length === 0) return self;
      const { shape, from } = selectionOf(self.type.shape, indices, clampedPutPlace);
      const keep = broadcasted(mask, values.type.shape);
      const kept = selected(castData(values, self.type.dtype), values.type.shape, (i) => (keep.data[i] ? i : -1));
      const source = broadcasted(kept, shape);
      const out = copied(self);
      from.forEach((to, i) => {
        combineElement(out, to, source, i, "sum");
      });
      return out;
    },
  },
);
