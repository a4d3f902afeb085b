import { tfl } from "@tflower/backend-tflite";
import { dataOf, type Emit, type Value } from "@tflower/core";
import { convertTo, float, numberValue } from "./convert.ts";
import { abs, add, div, isEqual, isLess, mul, neg, plus, select, sub } from "./pointwise.ts";

const xor = (emit: Emit, lhs: Value, rhs: Value): Value => emit(tfl.notEqual, { lhs, rhs });
const floorMod = (emit: Emit, lhs: Value, rhs: Value): Value => emit(tfl.floorMod, { lhs, rhs });
const below = (emit: Emit, x: Value): Value => isLess(emit, x, numberValue(emit, 0n, x.type.dtype));
/** 1 where the condition holds, 0 elsewhere. */
const oneWhere = (emit: Emit, condition: Value, like: Value): Value => convertTo(emit, condition, like.type.dtype);

/** Whether a remainder is there, and the quotient is below zero: then rounding down and rounding towards zero differ. */
function differs(emit: Emit, a: Value, b: Value): Value {
  const rest = emit(tfl.notEqual, { lhs: floorMod(emit, a, b), rhs: numberValue(emit, 0n, a.type.dtype) });
  return emit(tfl.logicalAnd, { lhs: rest, rhs: xor(emit, below(emit, a), below(emit, b)) });
}

/**
 * The quotient of 64-bit integers whose remainder is `r = a - m` for a known `m`, which no kernel computes: floats give it to 22
 * bits, and what is left is divided again. Wrap-around does no harm, since the sum is right modulo 2^64.
 */
function exactQuotient(emit: Emit, a: Value, rest: Value, b: Value): Value {
  const divisor = convertTo(emit, b, "f32");
  const guess = (x: Value): Value =>
    convertTo(emit, emit(tfl.round, { input: div(emit, convertTo(emit, x, "f32"), divisor) }), "i64");
  let quotient = guess(a);
  // each round leaves 22 bits less of an error that begins below 2^41
  for (let round = 0; round < 2; round++)
    quotient = add(emit, quotient, guess(sub(emit, sub(emit, a, rest), mul(emit, quotient, b))));
  return quotient;
}

/** Quotient of `i32` or `i64`, rounded towards minus infinity. A zero divisor is an error in the kernel, as it is in PyTorch. */
export function floorQuotient(emit: Emit, a: Value, b: Value): Value {
  if (a.type.dtype !== "i64") return emit(tfl.floorDiv, { lhs: a, rhs: b });
  return exactQuotient(emit, a, floorMod(emit, a, b), b);
}
/** Quotient of `i32` or `i64`, rounded towards zero. */
export function truncatedQuotient(emit: Emit, a: Value, b: Value): Value {
  if (a.type.dtype !== "i64") return emit(tfl.div, { lhs: a, rhs: b });
  return add(emit, floorQuotient(emit, a, b), oneWhere(emit, differs(emit, a, b), a));
}
/** Remainder with the sign of the divisor; the kernel has PyTorch's own algorithm. */
export const floorRemainder = floorMod;
/** Remainder with the sign of the dividend. */
export function truncatedRemainder(emit: Emit, a: Value, b: Value): Value {
  if (a.type.dtype !== "f32") {
    // the divisor comes off where rounding down went past zero
    const past = mul(emit, oneWhere(emit, differs(emit, a, b), a), b);
    return sub(emit, floorMod(emit, a, b), past);
  }
  const magnitude = floorMod(emit, abs(emit, a), abs(emit, b));
  return select(emit, below(emit, a), neg(emit, magnitude), magnitude);
}

/**
 * Quotient of floats rounded towards minus infinity, as PyTorch has it: what divides evenly is found by the remainder, not by
 * rounding a quotient that may have been rounded up.
 */
export function floorQuotientOfFloats(emit: Emit, a: Value, b: Value): Value {
  if (isFinitePositive(b)) return emit(tfl.round, { input: div(emit, sub(emit, a, floorMod(emit, a, b)), b) });
  const rest = truncatedRemainder(emit, a, b);
  const whole = emit(tfl.round, { input: div(emit, sub(emit, a, rest), b) });
  const past = emit(tfl.logicalAnd, {
    lhs: emit(tfl.notEqual, { lhs: rest, rhs: float(emit, 0) }),
    rhs: xor(emit, below(emit, b), below(emit, rest)),
  });
  const quotient = select(emit, past, plus(emit, whole, -1), whole);
  return select(emit, isEqual(emit, b, float(emit, 0)), div(emit, a, b), quotient);
}
/** A constant, all of whose elements are finite and above zero: neither a zero divisor nor an infinite one needs care. */
function isFinitePositive(b: Value): boolean {
  const data = dataOf(b);
  return data !== undefined && Array.from(data.data, Number).every((x) => x > 0 && x < Infinity);
}
