import { type Emit, type Scalar, scalarData, tensorData, type Value } from "@tflower/core";
import * as arithmetic from "../dialect/arithmetic.ts";
import { toDtype } from "../dialect/cast.ts";
import { zerosLike } from "../dialect/creation.ts";
import { divTensor } from "../dialect/division.ts";
import { neg as negOp } from "../dialect/sign.ts";
import { isComplexNumber, numberOf } from "../semantics/scalar.ts";
import { isPair, type Pair, type Part } from "./rule.ts";

// arithmetic of real tensors, operands broadcast
export const add = (emit: Emit, self: Value, other: Value): Value => emit(arithmetic.addTensor, { self, other });
export const sub = (emit: Emit, self: Value, other: Value): Value => emit(arithmetic.subTensor, { self, other });
export const mul = (emit: Emit, self: Value, other: Value): Value => emit(arithmetic.mulTensor, { self, other });
export const div = (emit: Emit, self: Value, other: Value): Value => emit(divTensor, { self, other });
export const neg = (emit: Emit, self: Value): Value => emit(negOp, { self });
/** Real numbers as floats. */
export const asFloat = (emit: Emit, self: Value): Value =>
  self.type.dtype === "f32" ? self : emit(toDtype, { self }, { dtype: "f32" });
/** A rank-0 float. */
export const number = (emit: Emit, v: number): Value => emit.constant(scalarData("f32", v));
/** A constant float tensor. */
export const table = (emit: Emit, shape: readonly number[], values: ArrayLike<number>): Value =>
  emit.constant(tensorData("f32", shape, values));

/** A tensor as a pair; a real one has no imaginary part. */
export function pairOf(emit: Emit, p: Part): Pair {
  if (isPair(p)) return p;
  const re = asFloat(emit, p);
  return { re, im: emit(zerosLike, { self: re }) };
}
/** A Python number as a part. */
export const scalarPart = (emit: Emit, s: Scalar): Part =>
  isComplexNumber(s) ? { re: number(emit, s.re), im: number(emit, s.im) } : number(emit, numberOf(s));

/** Both parts by themselves. */
export const eachPart = (p: Pair, f: (part: Value) => Value): Pair => ({ re: f(p.re), im: f(p.im) });

/** `f` that is linear in both operands, on complex ones. */
export function bilinear(emit: Emit, a: Part, b: Part, f: (a: Value, b: Value) => Value): Part {
  if (!isPair(a)) return isPair(b) ? eachPart(b, (v) => f(asFloat(emit, a), v)) : f(a, b);
  if (!isPair(b)) return eachPart(a, (v) => f(v, asFloat(emit, b)));
  return { re: sub(emit, f(a.re, b.re), f(a.im, b.im)), im: add(emit, f(a.re, b.im), f(a.im, b.re)) };
}
export const product = (emit: Emit, a: Part, b: Part): Part => bilinear(emit, a, b, (x, y) => mul(emit, x, y));
export function sum(emit: Emit, a: Part, b: Part): Part {
  if (!isPair(a) && !isPair(b)) return add(emit, a, b);
  const [x, y] = [pairOf(emit, a), pairOf(emit, b)];
  return { re: add(emit, x.re, y.re), im: add(emit, x.im, y.im) };
}
export const negated = (emit: Emit, p: Part): Part => (isPair(p) ? eachPart(p, (v) => neg(emit, v)) : neg(emit, p));
export const conjugate = (emit: Emit, p: Pair): Pair => ({ re: p.re, im: neg(emit, p.im) });
/** Square of the absolute value. */
export const normOf = (emit: Emit, p: Pair): Value => add(emit, mul(emit, p.re, p.re), mul(emit, p.im, p.im));
export function quotient(emit: Emit, a: Part, b: Part): Part {
  if (!isPair(b)) return isPair(a) ? eachPart(a, (v) => div(emit, v, asFloat(emit, b))) : div(emit, a, b);
  const norm = normOf(emit, b);
  return eachPart(product(emit, a, conjugate(emit, b)) as Pair, (v) => div(emit, v, norm));
}
