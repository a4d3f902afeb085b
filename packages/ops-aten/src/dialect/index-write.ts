import {
  countOf,
  invalid,
  isStatic,
  operand,
  type Scalar,
  showDim,
  sizeOf,
  type TensorData,
  type TensorType,
} from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { combineElement } from "../semantics/accumulate.ts";
import { axisOf } from "../semantics/axes.ts";
import { placeOf } from "../semantics/indexing.ts";
import { aroundAxis } from "../semantics/lines.ts";
import { castData } from "../semantics/pointwise.ts";
import { needSameDType } from "../semantics/same-dtype.ts";
import { scalarTensor } from "../semantics/scalar.ts";
import { combine, overwrite, reduceInto, reductionOf, type Write } from "../semantics/scattering.ts";
import { copied, copyElement } from "../semantics/views.ts";

const index = operand.both(operand.dtype("i64", "i32"), operand.ranks(0, 1));
const operands = { index };

/** Places `index` of an axis, each with as many elements as the other axes have. */
function slicesAt(shape: readonly number[], dim: number, places: TensorData, wraps: boolean): Write {
  const axis = axisOf(dim, shape.length);
  const { outer, extent, inner } = aroundAxis(shape, axis);
  const count = countOf(places.type.shape);
  return (each) => {
    for (let o = 0; o < outer; o++)
      for (let k = 0; k < count; k++) {
        const to = (o * extent + placeOf(places.data[k]!, extent, wraps)) * inner;
        for (let i = 0; i < inner; i++) each(to + i, (o * count + k) * inner + i);
      }
  };
}
function needSource(self: TensorType, at: TensorType, source: TensorType, dim: number): TensorType {
  needSameDType(self, source);
  const axis = axisOf(dim, self.shape.length);
  const have = source.shape[axis] ?? 1;
  const want = at.shape[0] ?? 1;
  if (isStatic(have) && isStatic(want) && have !== want)
    invalid(`source has extent ${have} on axis ${axis}, for ${showDim(want)} indices`);
  return self;
}
interface Sourced<T> {
  readonly self: T;
  readonly index: T;
  readonly source: T;
}
interface AlongDim {
  readonly dim: number;
}
const infer = ({ self, index: at, source }: Sourced<TensorType>, { dim }: AlongDim): TensorType =>
  needSource(self, at, source, dim);

export const indexAdd = defineAten(
  "index_add(Tensor self, int dim, Tensor index, Tensor source, *, Scalar alpha=1) -> Tensor",
  {
    summary: "`self` with `alpha * source` added at places of an axis.",
    operands,
    infer,
    evaluate({ self, index: at, source }, { dim, alpha }) {
      const factor = scalarTensor(alpha as Scalar, self.type.dtype);
      const scaled = copied(source);
      for (let i = 0; i < countOf(source.type.shape); i++) combineElement(scaled, i, factor, 0, "prod");
      return combine(self, scaled, "sum", slicesAt(self.type.shape, dim, at, false));
    },
  },
);
export const indexCopy = defineAten("index_copy(Tensor self, int dim, Tensor index, Tensor source) -> Tensor", {
  summary: "`self` with places of an axis replaced.",
  operands,
  infer,
  evaluate: ({ self, index: at, source }, { dim }) =>
    overwrite(self, source, slicesAt(self.type.shape, dim, at, false)),
});
export const indexReduce = defineAten(
  "index_reduce(Tensor self, int dim, Tensor index, Tensor source, str reduce, *, bool include_self=True) -> Tensor",
  {
    summary: "`self` with source elements joined to places of an axis.",
    operands,
    infer,
    evaluate: ({ self, index: at, source }, { dim, reduce, include_self }) =>
      reduceInto(self, source, reductionOf(reduce), include_self, slicesAt(self.type.shape, dim, at, false)),
  },
);

function filled(self: TensorData, at: TensorData, dim: number, value: TensorData): TensorData {
  const out = copied(self);
  slicesAt(self.type.shape, dim, at, true)((to) => copyElement(value, 0, out, to));
  return out;
}
export const indexFillIntScalar = defineAten(
  "index_fill.int_Scalar(Tensor self, int dim, Tensor index, Scalar value) -> Tensor",
  {
    summary: "`self` with places of an axis set to a number.",
    operands,
    infer: ({ self }) => self,
    evaluate: ({ self, index: at }, { dim, value }) => filled(self, at, dim, scalarTensor(value, self.type.dtype)),
  },
);
export const indexFillIntTensor = defineAten(
  "index_fill.int_Tensor(Tensor self, int dim, Tensor index, Tensor value) -> Tensor",
  {
    summary: "`self` with places of an axis set to the only element of a tensor.",
    operands: { index, value: operand.rank(0) },
    infer: ({ self }) => self,
    evaluate: ({ self, index: at, value }, { dim }) => filled(self, at, dim, castData(value, self.type.dtype)),
  },
);

export const put = defineAten("put(Tensor self, Tensor index, Tensor source, bool accumulate=False) -> Tensor", {
  summary: "`self` with elements replaced, or added to, by place in row-major order.",
  operands: { index: operand.dtype("i64", "i32") },
  infer({ self, index: at, source }) {
    needSameDType(self, source);
    const [have, want] = [sizeOf(source.shape), sizeOf(at.shape)];
    if (isStatic(have) && isStatic(want) && have !== want) invalid(`source has ${have} elements for ${want} indices`);
    return self;
  },
  evaluate({ self, index: at, source }, { accumulate }) {
    const total = countOf(self.type.shape);
    const writes: Write = (each) =>
      at.data.forEach((p: number | bigint, i: number) => {
        each(placeOf(p, total), i);
      });
    return accumulate ? combine(self, source, "sum", writes) : overwrite(self, source, writes);
  },
});
