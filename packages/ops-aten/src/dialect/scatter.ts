import { countOf, invalid, isStatic, operand, type Scalar, type TensorData, type TensorType } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { axisOf } from "../semantics/axes.ts";
import { placeOf } from "../semantics/indexing.ts";
import { needSameDType } from "../semantics/same-dtype.ts";
import { scalarTensor } from "../semantics/scalar.ts";
import { combine, overwrite, reduceInto, reductionOf, type Write } from "../semantics/scattering.ts";
import { broadcasted, coordinatesOf, positionOf } from "../semantics/views.ts";

const operands = { index: operand.dtype("i64", "i32") };

/** One write for each element of `index`, which says where along `dim`; the other coordinates are its own. */
function placesAt(self: readonly number[], dim: number, index: TensorData, source: readonly number[]): Write {
  const axis = axisOf(dim, self.length);
  const shape: readonly number[] = index.type.shape;
  return (each) => {
    for (let i = 0; i < countOf(shape); i++) {
      const at = coordinatesOf(i, shape);
      const to =
        self.length === 0
          ? 0
          : positionOf((at.length ? at : [0]).with(axis, placeOf(index.data[i]!, self[axis]!, false)), self);
      each(to, source.length === 0 ? 0 : positionOf(at.length ? at : [0], source));
    }
  };
}
interface Scattered<T> {
  readonly self: T;
  readonly index: T;
  readonly src: T;
}
function infer(
  { self, index, src }: { readonly self: TensorType; readonly index: TensorType; readonly src?: TensorType },
  { dim }: { readonly dim: number },
): TensorType {
  if (src) needSameDType(self, src, "src");
  const axis = axisOf(dim, self.shape.length);
  index.shape.forEach((d, i) => {
    const [own, given] = [self.shape[i] ?? 1, src?.shape[i] ?? d];
    if (!isStatic(d) || index.shape.includes(0)) return;
    if (i !== axis && isStatic(own) && d > own) invalid(`index has extent ${d} on axis ${i}, the input ${own}`);
    if (isStatic(given) && d > given) invalid(`index has extent ${d} on axis ${i}, src ${given}`);
  });
  return self;
}
/** A number for each element of the index. */
const numbers = (value: Scalar, self: TensorData, index: TensorData): TensorData =>
  broadcasted(scalarTensor(value, self.type.dtype), index.type.shape);

export const scatterSrc = defineAten("scatter.src(Tensor self, int dim, Tensor index, Tensor src) -> Tensor", {
  summary: "`self` with elements replaced along an axis, by place.",
  operands,
  infer,
  evaluate: ({ self, index, src }, { dim }) =>
    overwrite(self, src, placesAt(self.type.shape, dim, index, src.type.shape)),
});
export const scatterValue = defineAten("scatter.value(Tensor self, int dim, Tensor index, Scalar value) -> Tensor", {
  summary: "`self` with elements along an axis set to a number, by place.",
  operands,
  infer,
  evaluate: ({ self, index }, { dim, value }) =>
    overwrite(self, numbers(value as Scalar, self, index), placesAt(self.type.shape, dim, index, index.type.shape)),
});
export const scatterReduce = defineAten(
  "scatter.reduce(Tensor self, int dim, Tensor index, Tensor src, *, str reduce) -> Tensor",
  {
    summary: "`self` with elements added to or multiplied along an axis, by place.",
    operands,
    infer,
    evaluate: ({ self, index, src }, { dim, reduce }) =>
      reduceInto(self, src, reductionOf(reduce), true, placesAt(self.type.shape, dim, index, src.type.shape)),
  },
);
export const scatterValueReduce = defineAten(
  "scatter.value_reduce(Tensor self, int dim, Tensor index, Scalar value, *, str reduce) -> Tensor",
  {
    summary: "`self` with a number added to or multiplied along an axis, by place.",
    operands,
    infer,
    evaluate: ({ self, index }, { dim, value, reduce }) =>
      reduceInto(
        self,
        numbers(value as Scalar, self, index),
        reductionOf(reduce),
        true,
        placesAt(self.type.shape, dim, index, index.type.shape),
      ),
  },
);
export const scatterAdd = defineAten("scatter_add(Tensor self, int dim, Tensor index, Tensor src) -> Tensor", {
  summary: "`self` with elements added along an axis, by place.",
  operands,
  infer,
  evaluate: ({ self, index, src }: Scattered<TensorData>, { dim }) =>
    combine(self, src, "sum", placesAt(self.type.shape, dim, index, src.type.shape)),
});
export const scatterReduceTwo = defineAten(
  "scatter_reduce.two(Tensor self, int dim, Tensor index, Tensor src, str reduce, *, bool include_self=True) -> Tensor",
  {
    summary: "`self` with elements joined along an axis, by place.",
    operands,
    infer,
    evaluate: ({ self, index, src }, { dim, reduce, include_self }) =>
      reduceInto(self, src, reductionOf(reduce), include_self, placesAt(self.type.shape, dim, index, src.type.shape)),
  },
);
