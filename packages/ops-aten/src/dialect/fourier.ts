import { type Dim, type TensorData, type TensorType, tensor, tensorData } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import {
  type FourierAttrs,
  planOf,
  type Transform,
  type TransformKind,
  transformed,
  transformedType,
} from "../semantics/fourier.ts";
import { castData } from "../semantics/pointwise.ts";

declare module "@tflower/core" {
  interface Traits {
    /** The Fourier transform that an op computes of its operand `self`. */
    readonly fourier?: (self: TensorType, attrs: Readonly<Record<string, unknown>>) => Transform;
  }
}
interface Self<T> {
  readonly self: T;
}
/** An op that computes what `plan` says. */
const transforming = <A>(plan: (self: TensorType, attrs: A) => Transform) => ({
  traits: { fourier: plan as (self: TensorType, attrs: Readonly<Record<string, unknown>>) => Transform },
  infer: ({ self }: Self<TensorType>, attrs: A): TensorType => transformedType(self, plan(self, attrs)),
  evaluate: ({ self }: Self<TensorData>, attrs: A): TensorData => transformed(self, plan(self.type, attrs)),
});
interface OneAttrs {
  readonly n: Dim | undefined;
  readonly dim: number;
  readonly norm: string | undefined;
}
const one = (kind: TransformKind, sign: -1 | 1) =>
  transforming((self, { n, dim, norm }: OneAttrs) =>
    planOf(self, kind, sign, { s: n === undefined ? undefined : [n], dim: [dim], norm }),
  );
const many = (kind: TransformKind, sign: -1 | 1) =>
  transforming((self, a: FourierAttrs) => planOf(self, kind, sign, a));

export const fftFft = defineAten("fft_fft(Tensor self, SymInt? n=None, int dim=-1, str? norm=None) -> Tensor", {
  summary: "Fourier transform of one axis.",
  ...one("c2c", -1),
});
export const fftIfft = defineAten("fft_ifft(Tensor self, SymInt? n=None, int dim=-1, str? norm=None) -> Tensor", {
  summary: "Inverse Fourier transform of one axis.",
  ...one("c2c", 1),
});
export const fftRfft = defineAten("fft_rfft(Tensor self, SymInt? n=None, int dim=-1, str? norm=None) -> Tensor", {
  summary: "Fourier transform of one axis of real numbers: the half that is not redundant.",
  ...one("r2c", -1),
});
export const fftIrfft = defineAten("fft_irfft(Tensor self, SymInt? n=None, int dim=-1, str? norm=None) -> Tensor", {
  summary: "Inverse of `fft_rfft`.",
  ...one("c2r", 1),
});
export const fftHfft = defineAten("fft_hfft(Tensor self, SymInt? n=None, int dim=-1, str? norm=None) -> Tensor", {
  summary: "Fourier transform of one axis, of which half is given since the result is real.",
  ...one("c2r", -1),
});
export const fftIhfft = defineAten("fft_ihfft(Tensor self, SymInt? n=None, int dim=-1, str? norm=None) -> Tensor", {
  summary: "Inverse of `fft_hfft`.",
  ...one("r2c", 1),
});
export const fftFft2 = defineAten(
  "fft_fft2(Tensor self, SymInt[1]? s=None, int[1] dim=[-2, -1], str? norm=None) -> Tensor",
  {
    summary: "Fourier transform of two axes.",
    ...many("c2c", -1),
  },
);
export const fftIfft2 = defineAten(
  "fft_ifft2(Tensor self, SymInt[1]? s=None, int[1] dim=[-2, -1], str? norm=None) -> Tensor",
  {
    summary: "Inverse Fourier transform of two axes.",
    ...many("c2c", 1),
  },
);
export const fftRfft2 = defineAten(
  "fft_rfft2(Tensor self, SymInt[1]? s=None, int[1] dim=[-2, -1], str? norm=None) -> Tensor",
  {
    summary: "Fourier transform of two axes of real numbers: the half that is not redundant.",
    ...many("r2c", -1),
  },
);
export const fftIrfft2 = defineAten(
  "fft_irfft2(Tensor self, SymInt[1]? s=None, int[1] dim=[-2, -1], str? norm=None) -> Tensor",
  {
    summary: "Inverse of `fft_rfft2`.",
    ...many("c2r", 1),
  },
);
export const fftHfft2 = defineAten(
  "fft_hfft2(Tensor self, SymInt[1]? s=None, int[1] dim=[-2, -1], str? norm=None) -> Tensor",
  {
    summary: "Fourier transform of two axes, of which half is given since the result is real.",
    ...many("c2r", -1),
  },
);
export const fftIhfft2 = defineAten(
  "fft_ihfft2(Tensor self, SymInt[1]? s=None, int[1] dim=[-2, -1], str? norm=None) -> Tensor",
  {
    summary: "Inverse of `fft_hfft2`.",
    ...many("r2c", 1),
  },
);
export const fftFftn = defineAten(
  "fft_fftn(Tensor self, SymInt[1]? s=None, int[1]? dim=None, str? norm=None) -> Tensor",
  {
    summary: "Fourier transform of any axes.",
    ...many("c2c", -1),
  },
);
export const fftIfftn = defineAten(
  "fft_ifftn(Tensor self, SymInt[1]? s=None, int[1]? dim=None, str? norm=None) -> Tensor",
  {
    summary: "Inverse Fourier transform of any axes.",
    ...many("c2c", 1),
  },
);
export const fftRfftn = defineAten(
  "fft_rfftn(Tensor self, SymInt[1]? s=None, int[1]? dim=None, str? norm=None) -> Tensor",
  {
    summary: "Fourier transform of any axes of real numbers: the half that is not redundant.",
    ...many("r2c", -1),
  },
);
export const fftIrfftn = defineAten(
  "fft_irfftn(Tensor self, SymInt[1]? s=None, int[1]? dim=None, str? norm=None) -> Tensor",
  {
    summary: "Inverse of `fft_rfftn`.",
    ...many("c2r", 1),
  },
);
export const fftHfftn = defineAten(
  "fft_hfftn(Tensor self, SymInt[1]? s=None, int[1]? dim=None, str? norm=None) -> Tensor",
  {
    summary: "Fourier transform of any axes, of which half is given since the result is real.",
    ...many("c2r", -1),
  },
);
export const fftIhfftn = defineAten(
  "fft_ihfftn(Tensor self, SymInt[1]? s=None, int[1]? dim=None, str? norm=None) -> Tensor",
  {
    summary: "Inverse of `fft_hfftn`.",
    ...many("r2c", 1),
  },
);

export const _fftR2c = defineAten("_fft_r2c(Tensor self, int[] dim, int normalization, bool onesided) -> Tensor", {
  summary:
    "Fourier transform of real numbers in core ATen, of the last axis named the half that is not redundant or all.",
  ...transforming(
    (
      self,
      {
        dim,
        normalization,
        onesided,
      }: { readonly dim: readonly number[]; readonly normalization: number; readonly onesided: boolean },
    ) => ({
      ...planOf(self, onesided ? "r2c" : "c2c", -1, { dim }),
      normalization,
    }),
  ),
});
export const _fftC2c = defineAten("_fft_c2c(Tensor self, SymInt[] dim, int normalization, bool forward) -> Tensor", {
  summary: "Fourier transform of complex numbers in core ATen.",
  ...transforming(
    (
      self,
      {
        dim,
        normalization,
        forward,
      }: { readonly dim: readonly Dim[]; readonly normalization: number; readonly forward: boolean },
    ) => ({
      ...planOf(self, "c2c", forward ? -1 : 1, { dim: dim as readonly number[] }),
      normalization,
    }),
  ),
});
export const _fftC2r = defineAten(
  "_fft_c2r(Tensor self, int[] dim, int normalization, SymInt last_dim_size) -> Tensor",
  {
    summary: "Inverse Fourier transform to real numbers in core ATen, from the half that is not redundant.",
    ...transforming(
      (
        self,
        {
          dim,
          normalization,
          last_dim_size,
        }: { readonly dim: readonly number[]; readonly normalization: number; readonly last_dim_size: Dim },
      ) => ({
        ...planOf(self, "c2r", 1, { dim, s: dim.map((_, i) => (i === dim.length - 1 ? last_dim_size : -1)) }),
        normalization,
      }),
    ),
  },
);

/** Frequencies `from`, `from + 1`, ... of `n` samples that are `d` apart. */
const frequencies = (type: TensorType, n: number, d: number, numbers: readonly number[]): TensorData =>
  castData(
    tensorData(
      "f64",
      [numbers.length],
      numbers.map((k) => k / (n * d)),
    ),
    type.dtype,
  );
const count = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
export const fftFftfreq = defineAten(
  "fft_fftfreq(int n, float d=1., *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
  {
    summary: "Frequencies of the places of a Fourier transform, those below zero behind.",
    infer: (_, { n, dtype }) => tensor(dtype ?? "f32", [n]),
    evaluate: (_, { n, d }, [type]) =>
      frequencies(
        type!,
        n,
        d,
        count(n).map((k) => (2 * k < n ? k : k - n)),
      ),
  },
);
export const fftRfftfreq = defineAten(
  "fft_rfftfreq(int n, float d=1., *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
  {
    summary: "Frequencies of the places of half a Fourier transform.",
    infer: (_, { n, dtype }) => tensor(dtype ?? "f32", [Math.floor(n / 2) + 1]),
    evaluate: (_, { n, d }, [type]) => frequencies(type!, n, d, count(Math.floor(n / 2) + 1)),
  },
);
