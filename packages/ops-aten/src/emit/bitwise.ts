import { tfl } from "@tflower/backend-tflite";
import { type DType, dataOf, dtypeInfo, type Emit, tensorData, type Value } from "@tflower/core";
import { numberValue } from "./convert.ts";
import { floorQuotient } from "./divide.ts";
import { add, commonShape, isLess, mul, select, spreadTo, sub } from "./pointwise.ts";

/** And of `i32` or `i64` elements; the kernel does not broadcast. */
export function and(emit: Emit, a: Value, b: Value): Value {
  const shape = commonShape(a, b);
  return emit(tfl.stablehloAnd, { lhs: spreadTo(emit, a, shape), rhs: spreadTo(emit, b, shape) });
}
/** `a | b = a + b - (a & b)`. */
export const or = (emit: Emit, a: Value, b: Value): Value => sub(emit, add(emit, a, b), and(emit, a, b));
/** There is a kernel for 32 bits; otherwise `a ^ b = a + b - 2 (a & b)`. */
export function xor(emit: Emit, a: Value, b: Value): Value {
  if (a.type.dtype === "i32") return emit(tfl.bitwiseXor, { lhs: a, rhs: b });
  return sub(emit, add(emit, a, b), mul(emit, and(emit, a, b), numberValue(emit, 2n, a.type.dtype)));
}
/** `~a = -1 - a`. */
export const not = (emit: Emit, a: Value): Value => sub(emit, numberValue(emit, -1n, a.type.dtype), a);

/** Powers of two as far as `dtype` has bits, then zero. */
function powersOfTwo(dtype: DType, width: number): readonly bigint[] {
  const bits = dtypeInfo(dtype).bits;
  return Array.from({ length: width + 1 }, (_, k) => (k < width ? BigInt.asIntN(bits, 1n << BigInt(k)) : 0n));
}
/** Counts that are negative or not below `width` all become `width`. */
function safeCount(emit: Emit, count: Value, width: number): Value {
  const { dtype } = count.type;
  const top = numberValue(emit, BigInt(width), dtype);
  return emit(tfl.minimum, {
    lhs: select(emit, isLess(emit, count, numberValue(emit, 0n, dtype)), top, count),
    rhs: top,
  });
}

/** `2 ** count`, zero for counts that are out of range: what to multiply by. `width` is that of the elements' own dtype. */
function powerOf(emit: Emit, count: Value, width: number): Value {
  const { dtype } = count.type;
  const powers = powersOfTwo(dtype, width);
  const data = dataOf(count);
  if (data) {
    const place = (n: number): number => (n < 0 || n >= width ? width : n);
    return emit.constant(
      tensorData(
        dtype,
        data.type.shape,
        Array.from(data.data, (n: number | bigint) => powers[place(Number(n))]!),
      ),
    );
  }
  const table = emit.constant(tensorData(dtype, [width + 1], powers));
  const at = safeCount(emit, count, width);
  return emit(
    tfl.gather,
    { params: table, indices: at.type.dtype === "i64" ? emit(tfl.cast, { input: at }, { out_data_type: "i32" }) : at },
    { axis: 0 },
  );
}

/** `a << count` in `width` bits. */
export const shiftLeft = (emit: Emit, a: Value, count: Value, width: number): Value =>
  mul(emit, a, powerOf(emit, count, width));

/** `a >> count`: division by a power of two, rounded down; only the sign is left of a count that is out of range. */
export function shiftRight(emit: Emit, a: Value, count: Value, width: number): Value {
  const { dtype } = a.type;
  if (dtype === "i32") {
    // the widest count that the kernel takes leaves the sign
    const at = safeCount(emit, count, width);
    return emit(tfl.rightShift, { lhs: a, rhs: emit(tfl.minimum, { lhs: at, rhs: numberValue(emit, 31n, dtype) }) });
  }
  const sign = select(
    emit,
    isLess(emit, a, numberValue(emit, 0n, dtype)),
    numberValue(emit, -1n, dtype),
    numberValue(emit, 0n, dtype),
  );
  const at = safeCount(emit, count, width);
  // 2 ** 63 is negative: nothing but the sign is left of that either
  const power = powerOf(emit, count, 63);
  const past = emit(tfl.greaterEqual, { lhs: at, rhs: numberValue(emit, 63n, dtype) });
  const divisor = select(emit, past, numberValue(emit, 1n, dtype), power);
  return select(emit, past, sign, floorQuotient(emit, a, divisor));
}
