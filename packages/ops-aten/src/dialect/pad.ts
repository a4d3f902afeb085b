import { attr, type Dim, invalid, type TensorData, type TensorType, withShape } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { type PadMode, paddedData, paddedShape } from "../semantics/padding.ts";
import { scalarTensor } from "../semantics/scalar.ts";

interface Self<T> {
  readonly self: T;
}
/** Padding in one mode, over the last `rank` axes of a tensor that has one or two more. */
const padding = (mode: PadMode, rank: number) => ({
  infer({ self }: Self<TensorType>, { padding }: { readonly padding: readonly Dim[] }): TensorType {
    if (padding.length !== 2 * rank) invalid(`takes ${2 * rank} numbers of padding, got ${padding.length}`);
    if (self.shape.length !== rank + 1 && self.shape.length !== rank + 2)
      invalid(`takes a tensor of rank ${rank + 1} or ${rank + 2}, got ${self.shape.length}`);
    return withShape(self, paddedShape(self.shape, padding, mode));
  },
  evaluate: ({ self }: Self<TensorData>, { padding }: { readonly padding: readonly Dim[] }): TensorData =>
    paddedData(self, padding, mode),
});
export const reflectionPad1d = defineAten("reflection_pad1d(Tensor self, SymInt[2] padding) -> Tensor", {
  summary: "Pads the last axis with what is mirrored at its ends, the ends themselves left out.",
  ...padding("reflect", 1),
});
export const reflectionPad2d = defineAten("reflection_pad2d(Tensor self, SymInt[4] padding) -> Tensor", {
  summary: "Pads the last two axes with what is mirrored at their ends, the ends themselves left out.",
  ...padding("reflect", 2),
});
export const reflectionPad3d = defineAten("reflection_pad3d(Tensor self, SymInt[6] padding) -> Tensor", {
  summary: "Pads the last three axes with what is mirrored at their ends, the ends themselves left out.",
  ...padding("reflect", 3),
});
export const replicationPad1d = defineAten("replication_pad1d(Tensor self, SymInt[2] padding) -> Tensor", {
  summary: "Pads the last axis with its first and last elements.",
  ...padding("replicate", 1),
});
export const replicationPad2d = defineAten("replication_pad2d(Tensor self, SymInt[4] padding) -> Tensor", {
  summary: "Pads the last two axes with their first and last elements.",
  ...padding("replicate", 2),
});
export const replicationPad3d = defineAten("replication_pad3d(Tensor self, SymInt[6] padding) -> Tensor", {
  summary: "Pads the last three axes with their first and last elements.",
  ...padding("replicate", 3),
});

export const constantPadNd = defineAten("constant_pad_nd(Tensor self, SymInt[] pad, Scalar value=0) -> Tensor", {
  summary: "Pads axes, the last one first, with a number; negative padding takes away.",
  infer: ({ self }, { pad }) => withShape(self, paddedShape(self.shape, pad, "constant")),
  evaluate: ({ self }, { pad, value }) => paddedData(self, pad, "constant", scalarTensor(value, self.type.dtype)),
});

export const padOp = defineAten('pad(Tensor self, SymInt[] pad, str mode="constant", float? value=None) -> Tensor', {
  summary: "Pads axes, the last one first, in one of four ways; negative padding takes away.",
  attrs: { mode: attr.oneOf("constant", "reflect", "replicate", "circular").default_("constant") },
  infer: ({ self }, { pad, mode }) => withShape(self, paddedShape(self.shape, pad, mode)),
  evaluate: ({ self }, { pad, mode, value }) => paddedData(self, pad, mode, scalarTensor(value ?? 0n, self.type.dtype)),
});

export const padCircular = defineAten("_pad_circular(Tensor self, SymInt[] pad) -> Tensor", {
  summary: "Pads axes, the last one first, with what comes next when an axis is a circle.",
  infer: ({ self }, { pad }) => withShape(self, paddedShape(self.shape, pad, "circular")),
  evaluate: ({ self }, { pad }) => paddedData(self, pad, "circular"),
});

/** The modes of `_pad_enum` by number. */
export const enumeratedModes: readonly PadMode[] = ["reflect", "replicate", "circular", "constant"];
export const padEnum = defineAten("_pad_enum(Tensor self, SymInt[] pad, int mode, float? value=None) -> Tensor", {
  summary: "`pad` with the mode as a number.",
  infer: ({ self }, { pad, mode }) =>
    withShape(self, paddedShape(self.shape, pad, enumeratedModes[mode] ?? invalid(`has no mode ${mode}`))),
  evaluate: ({ self }, { pad, mode, value }) =>
    paddedData(self, pad, enumeratedModes[mode]!, scalarTensor(value ?? 0n, self.type.dtype)),
});
