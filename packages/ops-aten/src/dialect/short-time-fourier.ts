import { attr, type TensorData, type TensorType } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { istftData, istftType, type StftAttrs, stftData, stftType } from "../semantics/short-time-fourier.ts";

interface Of<T> {
  readonly self: T;
  readonly window: T | undefined;
}
const forward = {
  infer: (operands: Of<TensorType>, a: StftAttrs): TensorType => stftType(operands, a),
  evaluate: (operands: Of<TensorData>, a: StftAttrs): TensorData => stftData(operands, a),
};
export const stft = defineAten(
  "stft(Tensor self, int n_fft, int? hop_length=None, int? win_length=None, Tensor? window=None, bool normalized=False, bool? onesided=None, bool? return_complex=None, bool? align_to_window=None) -> Tensor",
  { summary: "Fourier transforms of overlapping frames of a signal.", ...forward },
);
export const stftCenter = defineAten(
  'stft.center(Tensor self, int n_fft, int? hop_length=None, int? win_length=None, Tensor? window=None, bool center=True, str pad_mode="reflect", bool normalized=False, bool? onesided=None, bool? return_complex=None, bool? align_to_window=None) -> Tensor',
  {
    summary: "Fourier transforms of overlapping frames of a signal, each around its own place.",
    attrs: { pad_mode: attr.oneOf("constant", "reflect", "replicate", "circular").default_("reflect") },
    ...forward,
  },
);
export const istft = defineAten(
  "istft(Tensor self, int n_fft, int? hop_length=None, int? win_length=None, Tensor? window=None, bool center=True, bool normalized=False, bool? onesided=None, int? length=None, bool return_complex=False) -> Tensor",
  {
    summary: "The signal from Fourier transforms of its overlapping frames.",
    infer: (operands, a) => istftType(operands, a),
    evaluate: (operands, a) => istftData(operands, a),
  },
);
