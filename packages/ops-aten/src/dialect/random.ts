import { broadcastShapes, type Dim, type DType, type TensorType, tensor } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";

/** Ops whose results differ from run to run: declared, so that programs that hold them can be read and what they refuse be explained. */
const traits = { random: true } as const;
type Sized = { readonly size: readonly Dim[]; readonly dtype: DType | undefined };
const sized = (summary: string, dtype: DType) => ({
  summary,
  traits,
  infer: (_: unknown, a: Sized): TensorType => tensor(a.dtype ?? dtype, a.size),
});
type Like = { readonly dtype: DType | undefined };
const like = (summary: string) => ({
  summary,
  traits,
  infer: ({ self }: { readonly self: TensorType }, { dtype }: Like): TensorType =>
    tensor(dtype ?? self.dtype, self.shape),
});
const same = (summary: string) => ({
  summary,
  traits,
  infer: ({ self }: { readonly self: TensorType }): TensorType => tensor(self.dtype, self.shape),
});

export const rand = defineAten(
  "rand(SymInt[] size, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
  sized("Uniform numbers in [0, 1).", "f32"),
);
export const randn = defineAten(
  "randn(SymInt[] size, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
  sized("Standard normal numbers.", "f32"),
);
export const randint = defineAten(
  "randint(SymInt high, SymInt[] size, *, ScalarType? dtype=long, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
  sized("Uniform integers below `high`.", "i64"),
);
export const randintLow = defineAten(
  "randint.low(SymInt low, SymInt high, SymInt[] size, *, ScalarType? dtype=long, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
  sized("Uniform integers from `low`, below `high`.", "i64"),
);
export const randLike = defineAten(
  "rand_like(Tensor self, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, MemoryFormat? memory_format=None) -> Tensor",
  like("Uniform numbers in [0, 1), shaped as another tensor."),
);
export const randnLike = defineAten(
  "randn_like(Tensor self, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, MemoryFormat? memory_format=None) -> Tensor",
  like("Standard normal numbers, shaped as another tensor."),
);
export const randintLike = defineAten(
  "randint_like(Tensor self, SymInt high, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, MemoryFormat? memory_format=None) -> Tensor",
  like("Uniform integers below `high`, shaped as another tensor."),
);
export const randintLikeLowDtype = defineAten(
  "randint_like.low_dtype(Tensor self, SymInt low, SymInt high, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, MemoryFormat? memory_format=None) -> Tensor",
  like("Uniform integers from `low`, below `high`, shaped as another tensor."),
);
export const randperm = defineAten(
  "randperm(SymInt n, *, ScalarType? dtype=long, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
  {
    summary: "The integers below `n` in random order.",
    traits,
    infer: (_, { n, dtype }) => tensor(dtype ?? "i64", [n]),
  },
);
export const bernoulli = defineAten(
  "bernoulli(Tensor self, *, Generator? generator=None) -> Tensor",
  same("One with the probability that an element states, else zero."),
);
export const bernoulliP = defineAten(
  "bernoulli.p(Tensor self, float p, *, Generator? generator=None) -> Tensor",
  same("One with probability `p`, else zero."),
);
export const normalTensorFloat = defineAten(
  "normal.Tensor_float(Tensor mean, float std=1.0, *, Generator? generator=None) -> Tensor",
  {
    summary: "Normal numbers about given means.",
    traits,
    infer: ({ mean }) => tensor(mean.dtype, mean.shape),
  },
);
export const normalFloatFloat = defineAten(
  "normal.float_float(float mean, float std, SymInt[] size, *, Generator? generator=None, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
  sized("Normal numbers.", "f32"),
);
export const normalFunctional = defineAten(
  "normal_functional(Tensor self, float mean=0.0, float std=1.0, *, Generator? generator=None) -> Tensor",
  same("Normal numbers in place of every element."),
);
export const uniform = defineAten(
  "uniform(Tensor self, float from=0.0, float to=1.0, *, Generator? generator=None) -> Tensor",
  same("Uniform numbers in place of every element."),
);
export const exponential = defineAten(
  "exponential(Tensor self, float lambd=1.0, *, Generator? generator=None) -> Tensor",
  same("Exponentially distributed numbers in place of every element."),
);
export const poisson = defineAten(
  "poisson(Tensor self, Generator? generator=None) -> Tensor",
  same("Poisson numbers about given means."),
);
export const multinomial = defineAten(
  "multinomial(Tensor self, SymInt num_samples, bool replacement=False, *, Generator? generator=None) -> Tensor",
  {
    summary: "Places drawn with the weights of each row.",
    traits,
    infer: ({ self }, { num_samples }) => tensor("i64", [...self.shape.slice(0, -1), num_samples]),
  },
);
export const bernoulliTensor = defineAten(
  "bernoulli.Tensor(Tensor self, Tensor p, *, Generator? generator=None) -> Tensor",
  {
    summary: "One with a probability of its own, else zero.",
    traits,
    infer: ({ self }) => tensor(self.dtype, self.shape),
  },
);
export const normalFloatTensor = defineAten(
  "normal.float_Tensor(float mean, Tensor std, *, Generator? generator=None) -> Tensor",
  {
    summary: "Normal numbers of given widths.",
    traits,
    infer: ({ std }) => tensor(std.dtype, std.shape),
  },
);
export const normalTensorTensor = defineAten(
  "normal.Tensor_Tensor(Tensor mean, Tensor std, *, Generator? generator=None) -> Tensor",
  {
    summary: "Normal numbers about given means, of given widths.",
    traits,
    infer: ({ mean, std }) => tensor(mean.dtype, broadcastShapes(mean.shape, std.shape)),
  },
);
export const binomial = defineAten("binomial(Tensor count, Tensor prob, Generator? generator=None) -> Tensor", {
  summary: "Numbers of successes.",
  traits,
  infer: ({ count, prob }) => tensor(count.dtype, broadcastShapes(count.shape, prob.shape)),
});
