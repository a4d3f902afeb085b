import { tfl } from "@tflower/backend-tflite";
import { defineLowering, isComplex, isFloat, reject, type Value } from "@tflower/core";
import * as aten from "../dialect/complex.ts";
import * as fourier from "../dialect/fourier.ts";
import { constantResult } from "../emit/constant-result.ts";
import { convertTo, float } from "../emit/convert.ts";
import { isLess, isNaNValue, select } from "../emit/pointwise.ts";

// complex tensors are taken apart before ops are lowered: what is left of these ops is about real ones, or about inputs
export const real = defineLowering(aten.real, ({ self }, _, emit) =>
  isComplex(self.type.dtype) ? emit(tfl.real, { input: self }) : self,
);
export const imag = defineLowering(aten.imag, ({ self }, _, emit) => emit(tfl.imag, { input: self }));
const same = ({ self }: { readonly self: Value }) =>
  isComplex(self.type.dtype) ? reject("complex tensors have no kernels") : self;
export const conj = defineLowering(aten.conj, same);
export const conjPhysical = defineLowering(aten.conjPhysical, same);
export const _conj = defineLowering(aten._conj, same);
export const _conjCopy = defineLowering(aten._conjCopy, same);
export const _conjPhysical = defineLowering(aten._conjPhysical, same);

export const angle = defineLowering(aten.angle, ({ self }, _, emit) => {
  if (isComplex(self.type.dtype)) return reject("complex tensors have no kernels");
  const x = convertTo(emit, self, "f32");
  const turned = select(emit, isLess(emit, x, float(emit, 0)), float(emit, Math.PI), float(emit, 0));
  return isFloat(self.type.dtype) ? select(emit, isNaNValue(emit, x), x, turned) : turned;
});
export const fftFftfreq = defineLowering(fourier.fftFftfreq, (_, __, emit, node) => constantResult(emit, node));
export const fftRfftfreq = defineLowering(fourier.fftRfftfreq, (_, __, emit, node) => constantResult(emit, node));
