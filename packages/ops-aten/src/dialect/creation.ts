import {
  allocate,
  countOf,
  type Dim,
  type DimExpr,
  type DType,
  invalid,
  type Scalar,
  showType,
  staticShape,
  type TensorData,
  type TensorType,
  tensor,
  wrap,
} from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { sizeAttr } from "../schema/size-attr.ts";
import { castData } from "../semantics/pointwise.ts";
import { isComplexNumber, scalarTensor } from "../semantics/scalar.ts";
import { broadcasted } from "../semantics/views.ts";

/** What PyTorch makes of a Python number when no dtype is asked for. */
export const naturalDType = (s: Scalar | DimExpr): DType =>
  isComplexNumber(s) ? "c64" : typeof s === "boolean" ? "bool" : typeof s === "number" ? "f32" : "i64";

type Size = { readonly size: readonly Dim[]; readonly dtype: DType | undefined };
type Like = { readonly self: TensorType };
type LikeData = { readonly self: TensorData };

const filled = (type: TensorType, value: Scalar | DimExpr, shape = staticShape(type.shape)): TensorData =>
  broadcasted(scalarTensor(value, type.dtype), shape);

export const full = defineAten(
  "full(SymInt[] size, Scalar fill_value, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
  {
    summary: "One number everywhere.",
    attrs: { fill_value: sizeAttr.required },
    infer: (_, { size, fill_value, dtype }) => tensor(dtype ?? naturalDType(fill_value), size),
    evaluate: (_, { fill_value }, [type]) => filled(type!, fill_value),
  },
);
export const fullLike = defineAten(
  "full_like(Tensor self, Scalar fill_value, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, MemoryFormat? memory_format=None) -> Tensor",
  {
    summary: "One number everywhere, in the shape and dtype of another tensor.",
    attrs: { fill_value: sizeAttr.required },
    infer: ({ self }, { dtype }) => tensor(dtype ?? self.dtype, self.shape),
    evaluate: ({ self }, { fill_value }, [type]) => filled(type!, fill_value, self.type.shape),
  },
);
export const newFull = defineAten(
  "new_full(Tensor self, SymInt[] size, Scalar fill_value, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
  {
    summary: "One number everywhere, in the dtype of another tensor.",
    attrs: { fill_value: sizeAttr.required },
    infer: ({ self }, { size, dtype }) => tensor(dtype ?? self.dtype, size),
    evaluate: (_, { fill_value }, [type]) => filled(type!, fill_value),
  },
);
export const scalarTensorOp = defineAten(
  "scalar_tensor(Scalar s, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
  {
    summary: "A number as a tensor of rank 0.",
    attrs: { s: sizeAttr.required },
    infer: (_, { dtype }) => tensor(dtype ?? "f32", []),
    evaluate: (_, { s }, [type]) => scalarTensor(s, type!.dtype),
  },
);
export const fillScalar = defineAten("fill.Scalar(Tensor self, Scalar value) -> Tensor", {
  summary: "One number in place of every element.",
  attrs: { value: sizeAttr.required },
  infer: ({ self }) => tensor(self.dtype, self.shape),
  evaluate: ({ self }, { value }, [type]) => filled(type!, value, self.type.shape),
});
export const fillTensor = defineAten("fill.Tensor(Tensor self, Tensor value) -> Tensor", {
  summary: "The only element of `value` in place of every element.",
  infer: ({ self, value }) =>
    value.shape.length > 0
      ? invalid(`takes a value of rank 0, got ${showType(value)}`)
      : tensor(self.dtype, self.shape),
  evaluate: ({ self, value }) => broadcasted(castData(value, self.type.dtype), self.type.shape),
});

const sized = (summary: string, value: bigint) => ({
  summary,
  infer: (_: unknown, { size, dtype }: Size) => tensor(dtype ?? "f32", size),
  evaluate: (_: unknown, __: unknown, [type]: readonly TensorType[]) => filled(type!, value),
});
const like = (summary: string, value: bigint) => ({
  summary,
  infer: ({ self }: Like, { dtype }: { readonly dtype: DType | undefined }) => tensor(dtype ?? self.dtype, self.shape),
  evaluate: ({ self }: LikeData, _: unknown, [type]: readonly TensorType[]) => filled(type!, value, self.type.shape),
});
const fresh = (summary: string, value: bigint) => ({
  summary,
  infer: ({ self }: Like, { size, dtype }: Size) => tensor(dtype ?? self.dtype, size),
  evaluate: (_: unknown, __: unknown, [type]: readonly TensorType[]) => filled(type!, value),
});

export const zeros = defineAten(
  "zeros(SymInt[] size, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
  sized("Zeros.", 0n),
);
export const ones = defineAten(
  "ones(SymInt[] size, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
  sized("Ones.", 1n),
);
export const zerosLike = defineAten(
  "zeros_like(Tensor self, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, MemoryFormat? memory_format=None) -> Tensor",
  like("Zeros in the shape and dtype of another tensor.", 0n),
);
export const onesLike = defineAten(
  "ones_like(Tensor self, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, MemoryFormat? memory_format=None) -> Tensor",
  like("Ones in the shape and dtype of another tensor.", 1n),
);
export const newZeros = defineAten(
  "new_zeros(Tensor self, SymInt[] size, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
  fresh("Zeros in the dtype of another tensor.", 0n),
);
export const newOnes = defineAten(
  "new_ones(Tensor self, SymInt[] size, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
  fresh("Ones in the dtype of another tensor.", 1n),
);
export const zero = defineAten("zero(Tensor self) -> Tensor", {
  summary: "Zero in place of every element.",
  infer: ({ self }) => tensor(self.dtype, self.shape),
  evaluate: ({ self }) => wrap(self.type, allocate(self.type.dtype, countOf(self.type.shape))),
});

// memory that holds anything may as well hold zeros
const anything = "Elements of no particular value; zeros here.";
export const emptyMemoryFormat = defineAten(
  "empty.memory_format(SymInt[] size, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, MemoryFormat? memory_format=None) -> Tensor",
  sized(anything, 0n),
);
export const emptyStrided = defineAten(
  "empty_strided(SymInt[] size, SymInt[] stride, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
  sized(anything, 0n),
);
export const emptyPermuted = defineAten(
  "empty_permuted(SymInt[] size, int[] physical_layout, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
  sized(anything, 0n),
);
export const emptyLike = defineAten(
  "empty_like(Tensor self, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, MemoryFormat? memory_format=None) -> Tensor",
  like(anything, 0n),
);
export const newEmpty = defineAten(
  "new_empty(Tensor self, SymInt[] size, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
  fresh(anything, 0n),
);
export const newEmptyStrided = defineAten(
  "new_empty_strided(Tensor self, SymInt[] size, SymInt[] stride, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
  fresh(anything, 0n),
);
