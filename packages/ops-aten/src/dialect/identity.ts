import { invalid, type TensorData } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import type { WriteBack } from "../schema/traits.ts";
import { selfType } from "../semantics/result-types.ts";

type Self<T> = { readonly self: T };
/** Ops that give their operand back as it is. */
const same = (summary: string) => ({
  summary,
  traits: { elementwise: true, writeBack: ({ written }: WriteBack) => written },
  infer: selfType,
  evaluate: ({ self }: Self<TensorData>) => self,
});
const copies = (summary: string) => ({ summary, traits: { elementwise: true }, infer: selfType, evaluate: ({ self }: Self<TensorData>) => self });

export const alias = defineAten("alias(Tensor(a) self) -> Tensor(a)", same("The operand itself."));
export const detach = defineAten("detach(Tensor(a) self) -> Tensor(a)", same("The operand itself, without a gradient."));
export const contiguous = defineAten("contiguous(Tensor(a) self, *, MemoryFormat memory_format=contiguous_format) -> Tensor(a)", {
  ...same("The operand itself; here every tensor is contiguous."),
  traits: { elementwise: true, maybeCopies: true, writeBack: ({ written }) => written },
});
export const positive = defineAten("positive(Tensor(a) self) -> Tensor(a)", same("The operand itself."));
export const liftFresh = defineAten("lift_fresh(Tensor(a) self) -> Tensor(a)", same("The operand itself."));
export const data = defineAten("data(Tensor self) -> Tensor", copies("The operand itself."));
export const clone = defineAten("clone(Tensor self, *, MemoryFormat? memory_format=None) -> Tensor", copies("A copy."));
export const lift = defineAten("lift(Tensor self) -> Tensor", copies("The operand itself."));
export const liftFreshCopy = defineAten("lift_fresh_copy(Tensor self) -> Tensor", copies("A copy."));
export const detachCopy = defineAten("detach_copy(Tensor self) -> Tensor", copies("A copy."));
export const aliasCopy = defineAten("alias_copy(Tensor self) -> Tensor", copies("A copy."));
export const toDense = defineAten("to_dense(Tensor self, ScalarType? dtype=None, *, bool? masked_grad=None) -> Tensor", {
  ...copies("The operand itself: every tensor is dense here."),
  infer: ({ self }, { dtype }) => (dtype === undefined || dtype === self.dtype ? selfType({ self }) : invalid("a dense tensor cannot be densified into another dtype")),
});

export const resolveConj = defineAten("resolve_conj(Tensor(a) self) -> Tensor(a)", same("The operand itself: conjugation is never put off here."));
export const resolveNeg = defineAten("resolve_neg(Tensor(a) self) -> Tensor(a)", same("The operand itself: negation is never put off here."));
