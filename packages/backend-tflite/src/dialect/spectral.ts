import { addDim, attr, type Dim, floorDivDim, invalid, operand, tensor, withDType } from "@tflower/core";
import { staticType } from "../semantics/pointwise.ts";
import { complexToReal, realFourier2d } from "../semantics/spectra.ts";
import { defineTfl, runtimeI32 } from "./define-tfl.ts";

export const rfft2d = defineTfl("RFFT2D", {
  summary:
    "Fourier transform of the last two axes, cropped or padded to `fft_length`; of the last one the half that is not redundant.",
  options: "Rfft2dOptions",
  operands: { input: operand.dtype("f32"), fft_length: runtimeI32 },
  attrs: { fft_length: attr.dims },
  parameters: { fft_length: "list" },
  infer({ input }, { fft_length }) {
    if (input.shape.length < 2 || fft_length.length !== 2)
      invalid(`transforms two axes, got ${input.shape.length} and ${fft_length.length} lengths`);
    return tensor("c64", [
      ...input.shape.slice(0, -2),
      fft_length[0]!,
      addDim(floorDivDim(fft_length[1] as Dim, 2), 1),
    ]);
  },
  evaluate: ({ input }, { fft_length }, [type]) =>
    realFourier2d(staticType(type!), input, fft_length as readonly number[]),
});

const complex = { input: operand.dtype("c64", "c128") } as const;
const part = (dtype: string): "f32" | "f64" => (dtype === "c128" ? "f64" : "f32");

export const real = defineTfl("REAL", {
  summary: "Real parts.",
  operands: complex,
  traits: { elementwise: true },
  infer: ({ input }) => withDType(input, part(input.dtype)),
  evaluate: ({ input }, _, [type]) => complexToReal(type!, input, (re) => re),
});
export const imag = defineTfl("IMAG", {
  summary: "Imaginary parts.",
  operands: complex,
  traits: { elementwise: true },
  infer: ({ input }) => withDType(input, part(input.dtype)),
  evaluate: ({ input }, _, [type]) => complexToReal(type!, input, (_re, im) => im),
});
export const complexAbs = defineTfl("COMPLEX_ABS", {
  summary: "Absolute values of complex numbers.",
  operands: complex,
  traits: { elementwise: true },
  infer: ({ input }) => withDType(input, part(input.dtype)),
  evaluate: ({ input }, _, [type]) => complexToReal(type!, input, Math.hypot),
});
