import {
  broadcastShapes,
  type DType,
  invalid,
  showType,
  type TensorData,
  type TensorType,
  tensor,
} from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import type { OpApplication, WriteBack } from "../schema/traits.ts";
import { castData } from "../semantics/pointwise.ts";
import { broadcasted } from "../semantics/views.ts";

/** Where nothing is cast the result is the operand, and what is written to it is written there. */
const same = { maybeCopies: true, writeBack: ({ written }: WriteBack) => written } as const;
const view = {
  ...same,
  elementwise: true,
  converts: true,
  sharesMemory: ({ types, attrs }: OpApplication) =>
    attrs["copy"] !== true &&
    (attrs["dtype"] ?? (types["self"] as TensorType).dtype) === (types["self"] as TensorType).dtype,
} as const;
const viewLikeOther = {
  ...same,
  sharesMemory: ({ types, attrs }: OpApplication) =>
    attrs["copy"] !== true && (types["self"] as TensorType).dtype === (types["other"] as TensorType).dtype,
} as const;
const to = (self: TensorType, dtype: DType | undefined): TensorType => tensor(dtype ?? self.dtype, self.shape);
const cast = (self: TensorData, [type]: readonly TensorType[]): TensorData => castData(self, type!.dtype);

export const toDtype = defineAten(
  "to.dtype(Tensor(a) self, ScalarType dtype, bool non_blocking=False, bool copy=False, MemoryFormat? memory_format=None) -> Tensor(a)",
  {
    summary: "The same numbers in another dtype; floats to integers truncate.",
    traits: view,
    infer: ({ self }, { dtype }) => to(self, dtype),
    evaluate: ({ self }, _, types) => cast(self, types),
  },
);
export const toDtypeLayout = defineAten(
  "to.dtype_layout(Tensor(a) self, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, bool non_blocking=False, bool copy=False, MemoryFormat? memory_format=None) -> Tensor(a)",
  {
    summary: "The same numbers in another dtype or on another device; the latter means nothing here.",
    traits: view,
    infer: ({ self }, { dtype }) => to(self, dtype),
    evaluate: ({ self }, _, types) => cast(self, types),
  },
);
export const toDevice = defineAten(
  "to.device(Tensor(a) self, Device device, ScalarType dtype, bool non_blocking=False, bool copy=False, MemoryFormat? memory_format=None) -> Tensor(a)",
  {
    summary: "The same numbers in another dtype and on another device; the latter means nothing here.",
    traits: view,
    infer: ({ self }, { dtype }) => to(self, dtype),
    evaluate: ({ self }, _, types) => cast(self, types),
  },
);
export const toOther = defineAten(
  "to.other(Tensor(a) self, Tensor other, bool non_blocking=False, bool copy=False, MemoryFormat? memory_format=None) -> Tensor(a)",
  {
    summary: "The same numbers in the dtype of another tensor.",
    traits: viewLikeOther,
    infer: ({ self, other }) => to(self, other.dtype),
    evaluate: ({ self }, _, types) => cast(self, types),
  },
);
export const toCopy = defineAten(
  "_to_copy(Tensor self, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, bool non_blocking=False, MemoryFormat? memory_format=None) -> Tensor",
  {
    summary: "A copy, in another dtype when asked.",
    traits: { elementwise: true, converts: true },
    infer: ({ self }, { dtype }) => to(self, dtype),
    evaluate: ({ self }, _, types) => cast(self, types),
  },
);
export const typeAs = defineAten("type_as(Tensor self, Tensor other) -> Tensor", {
  summary: "The same numbers in the dtype of another tensor.",
  traits: { ...viewLikeOther, view: { operand: "self" } },
  infer: ({ self, other }) => to(self, other.dtype),
  evaluate: ({ self }, _, types) => cast(self, types),
});
export const copy = defineAten("copy(Tensor self, Tensor src, bool non_blocking=False) -> Tensor", {
  summary: "`src` with the dtype and the shape of `self`.",
  infer({ self, src }) {
    const whole = broadcastShapes(self.shape, src.shape);
    if (whole.length !== self.shape.length || whole.some((d, i) => self.shape[i] === 1 && d !== 1))
      invalid(`cannot copy ${showType(src)} to ${showType(self)}`);
    return tensor(self.dtype, self.shape);
  },
  evaluate: ({ self, src }, _, [type]) => broadcasted(castData(src, type!.dtype), self.type.shape),
});
