import { type Emit, isComplex, type OpDef, type Operand, reject, type Scalar, type Value } from "@tflower/core";
import * as aten from "../dialect/arithmetic.ts";
import { atan2 } from "../dialect/binary-functions.ts";
import * as cast from "../dialect/cast.ts";
import { stack } from "../dialect/cat.ts";
import { relu } from "../dialect/clamp.ts";
import { eqTensor, neTensor } from "../dialect/comparison.ts";
import * as complex from "../dialect/complex.ts";
import * as creation from "../dialect/creation.ts";
import { divScalar, divTensor } from "../dialect/division.ts";
import { broadcastTo } from "../dialect/expand.ts";
import * as functions from "../dialect/float-functions.ts";
import { logicalAnd, logicalOr } from "../dialect/logical.ts";
import * as permute from "../dialect/permute.ts";
import { powTensorScalar } from "../dialect/power.ts";
import { whereSelf } from "../dialect/select.ts";
import * as sign from "../dialect/sign.ts";
import { selectInt } from "../dialect/slice.ts";
import { isComplexNumber, numberOf } from "../semantics/scalar.ts";
import {
  add,
  conjugate,
  eachPart,
  mul,
  neg,
  negated,
  normOf,
  number,
  pairOf,
  product,
  quotient,
  scalarPart,
  sub,
  sum,
} from "./numbers.ts";
import { type ComplexRule, complexRule, isPair, type Pair, type Part } from "./rule.ts";

const absOf = (emit: Emit, p: Pair): Value => emit(functions.sqrt, { self: normOf(emit, p) });
const angleOf = (emit: Emit, p: Pair): Value => emit(atan2, { self: p.im, other: p.re });
const fromPolar = (emit: Emit, r: Value, phi: Value): Pair => ({
  re: mul(emit, r, emit(functions.cos, { self: phi })),
  im: mul(emit, r, emit(functions.sin, { self: phi })),
});
const times = (emit: Emit, p: Part, alpha: Scalar): Part =>
  !isComplexNumber(alpha) && numberOf(alpha) === 1 ? p : product(emit, p, scalarPart(emit, alpha));
const and = (emit: Emit, self: Value, other: Value): Value => emit(logicalAnd, { self, other });
const or = (emit: Emit, self: Value, other: Value): Value => emit(logicalOr, { self, other });

/** `f` of the operand, which is complex. */
function unary<N extends string>(
  op: OpDef<N, { readonly self: Operand<"one"> }, any>,
  f: (emit: Emit, p: Pair) => Part,
): ComplexRule {
  return complexRule(op, ({ self }, _, emit) => f(emit, pairOf(emit, self as Part)));
}

/** A cast to a real dtype drops imaginary parts. */
function castRule<N extends string>(op: OpDef<N, any, any>): ComplexRule {
  return complexRule(op, (operands, _, emit, node) => {
    const self = (operands as { readonly self: Part }).self;
    const { dtype } = node.results[0]!.type;
    if (isComplex(dtype)) return pairOf(emit, self);
    return emit(cast.toDtype, { self: isPair(self) ? self.re : self }, { dtype });
  });
}

function power(emit: Emit, base: Pair, exponent: number): Part {
  let out: Part | undefined;
  for (let e = Math.abs(exponent), b: Part = base; e > 0; e = Math.floor(e / 2)) {
    if (e % 2 === 1) out = out ? product(emit, out, b) : b;
    if (e > 1) b = product(emit, b, b);
  }
  return exponent < 0 ? quotient(emit, number(emit, 1), out!) : out!;
}
/** The root with a real part that is not negative. */
function rootOf(emit: Emit, p: Pair): Pair {
  const r = absOf(emit, p);
  const half = (v: Value): Value =>
    emit(functions.sqrt, { self: mul(emit, emit(relu, { self: v }), number(emit, 0.5)) });
  const below = emit(sign.signbit, { self: p.im });
  const im = half(sub(emit, r, p.re));
  return { re: half(add(emit, r, p.re)), im: emit(whereSelf, { condition: below, self: neg(emit, im), other: im }) };
}

/** Both comparisons of a pair of parts, joined. */
function compared(emit: Emit, a: Part, b: Part, equal: boolean): Value {
  const [x, y] = [pairOf(emit, a), pairOf(emit, b)];
  const op = equal ? eqTensor : neTensor;
  return (equal ? and : or)(emit, emit(op, { self: x.re, other: y.re }), emit(op, { self: x.im, other: y.im }));
}

export const arithmeticRules: readonly ComplexRule[] = [
  complexRule(aten.addTensor, ({ self, other }, { alpha }, emit) => sum(emit, self, times(emit, other, alpha))),
  complexRule(aten.subTensor, ({ self, other }, { alpha }, emit) =>
    sum(emit, self, negated(emit, times(emit, other, alpha))),
  ),
  complexRule(aten.rsubTensor, ({ self, other }, { alpha }, emit) =>
    sum(emit, other, negated(emit, times(emit, self, alpha))),
  ),
  complexRule(aten.addScalar, ({ self }, { other, alpha }, emit) =>
    sum(emit, self, times(emit, scalarPart(emit, other as Scalar), alpha)),
  ),
  complexRule(aten.subScalar, ({ self }, { other, alpha }, emit) =>
    sum(emit, self, negated(emit, times(emit, scalarPart(emit, other as Scalar), alpha))),
  ),
  complexRule(aten.rsubScalar, ({ self }, { other, alpha }, emit) =>
    sum(emit, scalarPart(emit, other as Scalar), negated(emit, times(emit, self, alpha))),
  ),
  complexRule(aten.mulTensor, ({ self, other }, _, emit) => product(emit, self, other)),
  complexRule(aten.mulScalar, ({ self }, { other }, emit) => product(emit, self, scalarPart(emit, other as Scalar))),
  complexRule(divTensor, ({ self, other }, _, emit) => quotient(emit, self, other)),
  complexRule(divScalar, ({ self }, { other }, emit) => quotient(emit, self, scalarPart(emit, other as Scalar))),
  complexRule(powTensorScalar, ({ self }, { exponent }, emit) => {
    const e = isComplexNumber(exponent) ? Number.NaN : numberOf(exponent as Scalar);
    if (e === 0.5) return rootOf(emit, pairOf(emit, self));
    return Number.isInteger(e) && e !== 0 && Math.abs(e) <= 32
      ? power(emit, pairOf(emit, self), e)
      : reject("powers of complex numbers are products: the exponent must be a small integer or one half");
  }),
  unary(functions.reciprocal, (emit, p) => quotient(emit, number(emit, 1), p)),
  unary(functions.exp, (emit, p) => fromPolar(emit, emit(functions.exp, { self: p.re }), p.im)),
  unary(functions.log, (emit, p) => ({ re: emit(functions.log, { self: absOf(emit, p) }), im: angleOf(emit, p) })),
  unary(functions.sqrt, rootOf),
  unary(sign.abs, absOf),
  unary(complex.angle, angleOf),
  unary(sign.sgn, (emit, p) => {
    // zero has no direction: its own zero over one stays zero
    const size = absOf(emit, p);
    const isZero = emit(eqTensor, { self: size, other: number(emit, 0) });
    return eachPart(p, (v) =>
      emit(divTensor, { self: v, other: emit(whereSelf, { condition: isZero, self: number(emit, 1), other: size }) }),
    );
  }),
  unary(sign.isreal, (emit, p) => emit(eqTensor, { self: p.im, other: number(emit, 0) })),
  unary(sign.isnan, (emit, p) => or(emit, emit(sign.isnan, { self: p.re }), emit(sign.isnan, { self: p.im }))),
  unary(sign.isinf, (emit, p) => or(emit, emit(sign.isinf, { self: p.re }), emit(sign.isinf, { self: p.im }))),
  unary(sign.isfinite, (emit, p) =>
    and(emit, emit(sign.isfinite, { self: p.re }), emit(sign.isfinite, { self: p.im })),
  ),
  complexRule(eqTensor, ({ self, other }, _, emit) => compared(emit, self, other, true)),
  complexRule(neTensor, ({ self, other }, _, emit) => compared(emit, self, other, false)),

  ...[complex.conj, complex.conjPhysical, complex._conj, complex._conjCopy, complex._conjPhysical].map((op) =>
    unary(op as typeof complex.conjPhysical, conjugate),
  ),
  ...[permute.mH, permute.adjoint, permute.matrixH].map((op) =>
    unary(op as typeof permute.mH, (emit, p) =>
      conjugate(
        emit,
        eachPart(p, (self) => emit(permute.mT, { self })),
      ),
    ),
  ),
  unary(complex.real, (_, p) => p.re),
  unary(complex.imag, (_, p) => p.im),
  ...[complex.viewAsReal, complex.viewAsRealCopy].map((op) =>
    unary(op as typeof complex.viewAsRealCopy, (emit, p) => emit(stack, { tensors: [p.re, p.im] }, { dim: -1 })),
  ),
  ...[complex.viewAsComplex, complex.viewAsComplexCopy].map((op) =>
    complexRule(op as typeof complex.viewAsComplexCopy, ({ self }, _, emit) => {
      const part = (index: number): Value => emit(selectInt, { self: self as Value }, { dim: -1, index });
      return { re: part(0), im: part(1) };
    }),
  ),
  complexRule(complex.complex, ({ real, imag }, _, emit, node) => {
    const { shape } = node.results[0]!.type;
    return {
      re: emit(broadcastTo, { self: real as Value }, { size: shape }),
      im: emit(broadcastTo, { self: imag as Value }, { size: shape }),
    };
  }),
  complexRule(complex.polar, ({ abs, angle }, _, emit) => fromPolar(emit, abs as Value, angle as Value)),
  complexRule(creation.onesLike, ({ self }, _, emit) => {
    const re = isPair(self) ? self.re : self;
    return {
      re: emit(creation.onesLike, { self: re }, { dtype: "f32" }),
      im: emit(creation.zerosLike, { self: re }, { dtype: "f32" }),
    };
  }),
  complexRule(creation.ones, (_, a, emit) => ({
    re: emit(creation.ones, {}, { ...a, dtype: "f32" }),
    im: emit(creation.zeros, {}, { ...a, dtype: "f32" }),
  })),
  complexRule(creation.full, (_, a, emit) => {
    const value = a.fill_value as Scalar;
    const part = (fill_value: number): Value => emit(creation.full, {}, { ...a, dtype: "f32", fill_value });
    return isComplexNumber(value)
      ? { re: part(value.re), im: part(value.im) }
      : { re: part(numberOf(value)), im: part(0) };
  }),
  ...[cast.toDtype, cast.toDtypeLayout, cast.toDevice, cast.toOther, cast.toCopy, cast.typeAs].map((op) =>
    castRule(op),
  ),
];
