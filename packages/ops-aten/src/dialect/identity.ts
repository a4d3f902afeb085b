import { type DType, defineOp, invalid, isComplex, operand, type TensorData, type TensorType } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import type { OpApplication, WriteBack } from "../schema/traits.ts";
import { selfType } from "../semantics/result-types.ts";

type Self<T> = { readonly self: T };
/** Ops that give their operand back as it is. */
const same = (summary: string) => ({
  summary,
  traits: { elementwise: true, writeBack: ({ written }: WriteBack) => written },
  infer: selfType,
  evaluate: ({ self }: Self<TensorData>) => self,
});
/** The same of ops whose schema does not say so. */
const aliases = (summary: string) => {
  const spec = same(summary);
  return { ...spec, traits: { ...spec.traits, view: { operand: "self" } } };
};
const copies = (summary: string) => ({
  summary,
  traits: { elementwise: true },
  infer: selfType,
  evaluate: ({ self }: Self<TensorData>) => self,
});

export const alias = defineAten("alias(Tensor(a) self) -> Tensor(a)", same("The operand itself."));
export const detach = defineAten(
  "detach(Tensor(a) self) -> Tensor(a)",
  same("The operand itself, without a gradient."),
);
export const contiguous = defineAten(
  "contiguous(Tensor(a) self, *, MemoryFormat memory_format=contiguous_format) -> Tensor(a)",
  {
    ...same("The operand itself; here every tensor is contiguous."),
    traits: { elementwise: true, maybeCopies: true, writeBack: ({ written }) => written },
  },
);
// not in place: it writes nothing
export const detachInPlace = defineAten(
  "detach_(Tensor(a!) self) -> Tensor(a!)",
  aliases("The operand itself, without a gradient from now on."),
);
export const positive = defineAten("positive(Tensor(a) self) -> Tensor(a)", same("The operand itself."));
export const liftFresh = defineAten("lift_fresh(Tensor(a) self) -> Tensor(a)", same("The operand itself."));
export const data = defineAten("data(Tensor self) -> Tensor", aliases("The operand itself."));
export const clone = defineAten("clone(Tensor self, *, MemoryFormat? memory_format=None) -> Tensor", copies("A copy."));
export const lift = defineAten("lift(Tensor self) -> Tensor", aliases("The operand itself."));
export const liftFreshCopy = defineAten("lift_fresh_copy(Tensor self) -> Tensor", copies("A copy."));
export const detachCopy = defineAten("detach_copy(Tensor self) -> Tensor", copies("A copy."));
export const aliasCopy = defineAten("alias_copy(Tensor self) -> Tensor", copies("A copy."));
export const toDense = defineAten(
  "to_dense(Tensor self, ScalarType? dtype=None, *, bool? masked_grad=None) -> Tensor",
  {
    ...aliases("The operand itself: every tensor is dense here."),
    infer: ({ self }, { dtype }) =>
      dtype === undefined || dtype === self.dtype
        ? selfType({ self })
        : invalid("a dense tensor cannot be densified into another dtype"),
  },
);

/** PyTorch copies where it has put off what is resolved, which a program does not tell. */
const resolved = (summary: string, copies: (dtype: DType) => boolean) => {
  const spec = same(summary);
  return {
    ...spec,
    traits: {
      ...spec.traits,
      sharesMemory: ({ types }: OpApplication) => (copies((types["self"] as TensorType).dtype) ? undefined : true),
    },
  };
};
export const resolveConj = defineAten(
  "resolve_conj(Tensor(a) self) -> Tensor(a)",
  resolved("The operand itself: conjugation is never put off here.", isComplex),
);
export const resolveNeg = defineAten(
  "resolve_neg(Tensor(a) self) -> Tensor(a)",
  resolved("The operand itself: negation is never put off here.", () => true),
);

/** Put in by the importer where the program does not tell whether a view was a copy. */
export const maybeCopy = defineOp("tflower.maybe_copy", {
  ...same("The operand itself or a copy."),
  operands: { self: operand.tensor },
  traits: { elementwise: true, view: { operand: "self" }, sharesMemory: () => undefined },
});
