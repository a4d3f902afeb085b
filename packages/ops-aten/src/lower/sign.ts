import {
  defineLowering,
  type Emit,
  isComplex,
  isFloat,
  type Node,
  type Rejection,
  reject,
  type Value,
} from "@tflower/core";
import * as aten from "../dialect/sign.ts";
import { bitsOf } from "../emit/bits.ts";
import { convertTo, float, kernelDType, numberValue } from "../emit/convert.ts";
import { fillWith } from "../emit/fill.ts";
import { abs, isEqual, isLess, isNaNValue, neg, signOf } from "../emit/pointwise.ts";
import { byKind } from "../emit/unary-lowering.ts";

type Self = { readonly self: Value };

export const absLowering = defineLowering(aten.abs, byKind(abs, abs));
export const negLowering = defineLowering(aten.neg, byKind(neg, neg));
const signs = ({ self }: Self, _: unknown, emit: Emit, node: Node<any>): Value | Rejection =>
  self.type.dtype === "bool" ? self : byKind(signOf, signOf)({ self }, _, emit, node);
export const sign = defineLowering(aten.sign, signs);
export const sgn = defineLowering(aten.sgn, signs);

/** Bits of a float below zero are an integer below zero, and so are those of -0. */
export const signbit = defineLowering(aten.signbit, ({ self }, _, emit) => {
  const { dtype } = self.type;
  if (isComplex(dtype)) return reject("complex numbers have no sign");
  if (dtype === "bool" || dtype === "u8") return constant(emit, false, self);
  const bits = isFloat(dtype) ? bitsOf(emit, self) : self;
  const wide = convertTo(emit, bits, kernelDType(bits.type.dtype));
  return isLess(emit, wide, numberValue(emit, 0n, wide.type.dtype));
});

const constant = (emit: Emit, value: boolean, x: Value): Value =>
  fillWith(emit, numberValue(emit, value, "bool"), x.type.shape);

/** A question that only floats answer in more than one way. */
const askFloats =
  (form: (emit: Emit, x: Value) => Value, integers: boolean) =>
  ({ self }: Self, _: unknown, emit: Emit): Value | Rejection =>
    isComplex(self.type.dtype)
      ? reject("complex numbers have no kernels")
      : isFloat(self.type.dtype)
        ? form(emit, self)
        : constant(emit, integers, self);

export const isnan = defineLowering(aten.isnan, askFloats(isNaNValue, false));
export const isinf = defineLowering(
  aten.isinf,
  askFloats((emit, x) => isEqual(emit, abs(emit, x), float(emit, Infinity)), false),
);
export const isfinite = defineLowering(
  aten.isfinite,
  askFloats((emit, x) => isLess(emit, abs(emit, x), float(emit, Infinity)), true),
);
export const isposinf = defineLowering(
  aten.isposinf,
  askFloats((emit, x) => isEqual(emit, x, float(emit, Infinity)), false),
);
export const isneginf = defineLowering(
  aten.isneginf,
  askFloats((emit, x) => isEqual(emit, x, float(emit, -Infinity)), false),
);
export const isreal = defineLowering(
  aten.isreal,
  askFloats((emit, x) => constant(emit, true, x), true),
);
