import { attr, type DType, staticShape, type TensorData, type TensorType, tensor, tensorData } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { i0 } from "../semantics/bessel.ts";

type Length = { readonly window_length: number; readonly dtype: DType | undefined };
const attrs = { window_length: attr.int } as const;
const windowType = (_: unknown, { window_length, dtype }: Length): TensorType =>
  tensor(dtype ?? "f32", [window_length]);

/** `f(x)` at places `x` from 0 to 1; a periodic window leaves out the last of one that is longer by one. */
function windowOf(type: TensorType, periodic: boolean, f: (x: number) => number): TensorData {
  const [n] = staticShape(type.shape) as readonly [number];
  const last = periodic ? n : n - 1;
  return tensorData(
    type.dtype,
    [n],
    Array.from({ length: n }, (_, i) => (n === 1 ? 1 : f(i / last))),
  );
}
const turn = 2 * Math.PI;
const cosines =
  (a: number, b: number) =>
  (x: number): number =>
    a - b * Math.cos(turn * x);
const hann = cosines(0.5, 0.5);
const hamming = cosines(0.54, 0.46);
const blackman = (x: number): number => 0.42 - 0.5 * Math.cos(turn * x) + 0.08 * Math.cos(2 * turn * x);
const bartlett = (x: number): number => 1 - Math.abs(2 * x - 1);
const kaiser =
  (beta: number) =>
  (x: number): number =>
    i0(beta * Math.sqrt(Math.max(0, 1 - (2 * x - 1) ** 2))) / i0(beta);

export const hannWindow = defineAten(
  "hann_window(int window_length, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
  {
    summary: "Hann window, periodic.",
    attrs,
    infer: windowType,
    evaluate: (_, __, [type]) => windowOf(type!, true, hann),
  },
);
export const hannWindowPeriodic = defineAten(
  "hann_window.periodic(int window_length, bool periodic, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
  {
    summary: "Hann window.",
    attrs,
    infer: windowType,
    evaluate: (_, { periodic }, [type]) => windowOf(type!, periodic, hann),
  },
);
export const hammingWindow = defineAten(
  "hamming_window(int window_length, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
  {
    summary: "Hamming window, periodic.",
    attrs,
    infer: windowType,
    evaluate: (_, __, [type]) => windowOf(type!, true, hamming),
  },
);
export const hammingWindowPeriodic = defineAten(
  "hamming_window.periodic(int window_length, bool periodic, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
  {
    summary: "Hamming window.",
    attrs,
    infer: windowType,
    evaluate: (_, { periodic }, [type]) => windowOf(type!, periodic, hamming),
  },
);
export const hammingWindowPeriodicAlpha = defineAten(
  "hamming_window.periodic_alpha(int window_length, bool periodic, float alpha, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
  {
    summary: "Hamming window.",
    attrs,
    infer: windowType,
    evaluate: (_, { periodic, alpha }, [type]) => windowOf(type!, periodic, cosines(alpha, 0.46)),
  },
);
export const hammingWindowPeriodicAlphaBeta = defineAten(
  "hamming_window.periodic_alpha_beta(int window_length, bool periodic, float alpha, float beta, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
  {
    summary: "Hamming window.",
    attrs,
    infer: windowType,
    evaluate: (_, { periodic, alpha, beta }, [type]) => windowOf(type!, periodic, cosines(alpha, beta)),
  },
);
export const blackmanWindow = defineAten(
  "blackman_window(int window_length, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
  {
    summary: "Blackman window, periodic.",
    attrs,
    infer: windowType,
    evaluate: (_, __, [type]) => windowOf(type!, true, blackman),
  },
);
export const blackmanWindowPeriodic = defineAten(
  "blackman_window.periodic(int window_length, bool periodic, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
  {
    summary: "Blackman window.",
    attrs,
    infer: windowType,
    evaluate: (_, { periodic }, [type]) => windowOf(type!, periodic, blackman),
  },
);
export const bartlettWindow = defineAten(
  "bartlett_window(int window_length, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
  {
    summary: "Triangular window, periodic.",
    attrs,
    infer: windowType,
    evaluate: (_, __, [type]) => windowOf(type!, true, bartlett),
  },
);
export const bartlettWindowPeriodic = defineAten(
  "bartlett_window.periodic(int window_length, bool periodic, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
  {
    summary: "Triangular window.",
    attrs,
    infer: windowType,
    evaluate: (_, { periodic }, [type]) => windowOf(type!, periodic, bartlett),
  },
);
export const kaiserWindow = defineAten(
  "kaiser_window(int window_length, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
  {
    summary: "Kaiser window, periodic.",
    attrs,
    infer: windowType,
    evaluate: (_, __, [type]) => windowOf(type!, true, kaiser(12)),
  },
);
export const kaiserWindowPeriodic = defineAten(
  "kaiser_window.periodic(int window_length, bool periodic, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
  {
    summary: "Kaiser window.",
    attrs,
    infer: windowType,
    evaluate: (_, { periodic }, [type]) => windowOf(type!, periodic, kaiser(12)),
  },
);
export const kaiserWindowBeta = defineAten(
  "kaiser_window.beta(int window_length, bool periodic, float beta, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
  {
    summary: "Kaiser window.",
    attrs,
    infer: windowType,
    evaluate: (_, { periodic, beta }, [type]) => windowOf(type!, periodic, kaiser(beta)),
  },
);
