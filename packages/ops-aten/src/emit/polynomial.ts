import type { Emit, Value } from "@tflower/core";
import { div, mul, plus, times } from "./pointwise.ts";

/** `c[0] + c[1] x + c[2] x^2 + ...` by Horner's rule. */
export function polynomial(emit: Emit, x: Value, c: readonly number[]): Value {
  let out = times(emit, x, c.at(-1)!);
  for (let k = c.length - 2; k > 0; k--) out = mul(emit, plus(emit, out, c[k]!), x);
  return plus(emit, out, c[0]!);
}
/** The quotient of two polynomials. */
export const rational = (emit: Emit, x: Value, p: readonly number[], q: readonly number[]): Value =>
  div(emit, polynomial(emit, x, p), polynomial(emit, x, q));
