import { tfl } from "@tflower/backend-tflite";
import { type DType, dataOf, dtypeInfo, type Emit, type Value } from "@tflower/core";
import { float, numberValue } from "./convert.ts";
import { fillLike } from "./fill.ts";
import { isEqual, isLess, mul, select } from "./pointwise.ts";
import { reciprocal, sqrt } from "./transcendental.ts";

/** A whole power by products, as many as the exponent has bits. */
export function wholePower(emit: Emit, x: Value, exponent: bigint): Value {
  let out: Value | undefined;
  let square = x;
  for (let e = exponent; e > 0n; e >>= 1n) {
    if (e & 1n) out = out ? mul(emit, out, square) : square;
    if (e > 1n) square = mul(emit, square, square);
  }
  return out ?? fillLike(emit, numberValue(emit, 1n, x.type.dtype), x);
}

/** A float to the power of a number, by the forms that PyTorch itself takes; the kernel computes any other power, slowly. */
export function floatPower(emit: Emit, x: Value, exponent: number): Value {
  switch (exponent) {
    case 0:
      return fillLike(emit, float(emit, 1), x);
    case 1:
      return x;
    case 2:
    case 3:
      return wholePower(emit, x, BigInt(exponent));
    case 0.5:
      return sqrt(emit, x);
    case -0.5:
      return reciprocal(emit, sqrt(emit, x));
    case -1:
      return reciprocal(emit, x);
    case -2:
      return reciprocal(emit, mul(emit, x, x));
    default:
      return emit(tfl.pow, { lhs: x, rhs: float(emit, exponent) });
  }
}

/**
 * Integer powers, wrapped around: the kernel for them goes through doubles. Products of the squares that the exponent's bits name;
 * a negative exponent leaves something only of 1 and -1.
 */
export function integerPower(emit: Emit, base: Value, exponent: Value, exponentDType: DType): Value {
  const { dtype } = base.type;
  const number = (v: bigint): Value => numberValue(emit, v, dtype);
  const { kind, bits: width } = dtypeInfo(exponentDType);
  const bits = exponentDType === "bool" ? 1 : kind === "uint" ? width : width - 1;
  let out: Value | undefined;
  // squares of a known base are known too
  const known = base.type.shape.length === 0 ? dataOf(base) : undefined;
  let knownSquare = known && BigInt(known.data[0]!);
  let square = base;
  for (let k = 0; k < bits; k++) {
    const low =
      k + 1 < (dtype === "i64" ? 63 : 31)
        ? emit(tfl.floorMod, { lhs: exponent, rhs: number(1n << BigInt(k + 1)) })
        : exponent;
    const chosen = isLess(emit, low, number(1n << BigInt(k)));
    const factor = select(emit, chosen, number(1n), square);
    out = out ? mul(emit, out, factor) : factor;
    if (knownSquare !== undefined) knownSquare = BigInt.asIntN(dtypeInfo(dtype).bits, knownSquare * knownSquare);
    if (k + 1 < bits) square = knownSquare === undefined ? mul(emit, square, square) : number(knownSquare);
  }
  if (kind === "uint" || exponentDType === "bool") return out!;
  const odd = emit(tfl.floorMod, { lhs: exponent, rhs: number(2n) });
  const ofMinusOne = select(emit, isEqual(emit, odd, number(0n)), number(1n), number(-1n));
  const rest = select(emit, isEqual(emit, base, number(-1n)), ofMinusOne, number(0n));
  const inverse = select(emit, isEqual(emit, base, number(1n)), number(1n), rest);
  return select(emit, isLess(emit, exponent, number(0n)), inverse, out!);
}
