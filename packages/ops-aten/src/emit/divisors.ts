import { tfl } from "@tflower/backend-tflite";
import type { Emit, Value } from "@tflower/core";
import { numberValue } from "./convert.ts";
import { floorQuotient } from "./divide.ts";
import { abs, commonShape, isEqual, mul, select, spreadTo } from "./pointwise.ts";

/** Steps of Euclid's algorithm that any two integers of the width need at most: consecutive Fibonacci numbers take the most. */
const steps = { i32: 46, i64: 91 } as const;

/** Euclid's algorithm, unrolled: once a remainder is zero, further steps change nothing. */
export function greatestDivisor(emit: Emit, a: Value, b: Value): Value {
  const shape = commonShape(a, b);
  let x = spreadTo(emit, abs(emit, a), shape);
  let y = spreadTo(emit, abs(emit, b), shape);
  const { dtype } = x.type;
  const [zero, one] = [numberValue(emit, 0n, dtype), numberValue(emit, 1n, dtype)];
  for (let k = 0; k < steps[dtype as keyof typeof steps]; k++) {
    const done = isEqual(emit, y, zero);
    // the kernel refuses to divide by zero
    const rest = emit(tfl.floorMod, { lhs: x, rhs: select(emit, done, one, y) });
    [x, y] = [select(emit, done, x, y), select(emit, done, zero, rest)];
  }
  return x;
}
export function leastMultiple(emit: Emit, a: Value, b: Value): Value {
  const divisor = greatestDivisor(emit, a, b);
  const { dtype } = divisor.type;
  const safe = select(
    emit,
    isEqual(emit, divisor, numberValue(emit, 0n, dtype)),
    numberValue(emit, 1n, dtype),
    divisor,
  );
  return abs(emit, mul(emit, floorQuotient(emit, a, safe), b));
}
