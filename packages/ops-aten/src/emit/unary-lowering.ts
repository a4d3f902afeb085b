import { type Emit, isComplex, isFloat, type Node, type Rejection, reject, type Value } from "@tflower/core";
import { computeIn, convertTo } from "./convert.ts";

type Self = { readonly self: Value };
type Form = (emit: Emit, x: Value) => Value;

/** A function of floats: integers and bools are converted to the result's dtype first. */
export const onFloats =
  (form: Form) =>
  ({ self }: Self, _: unknown, emit: Emit, node: Node<any>): Value | Rejection => {
    const { dtype } = node.results[0]!.type;
    return isFloat(dtype) ? form(emit, convertTo(emit, self, dtype)) : reject(`has no kernel for ${dtype}`);
  };

/** A function that keeps the dtype, by one form for floats and one for integers, which are widened where they are small. */
export const byKind =
  (floats: Form, integers: Form) =>
  ({ self }: Self, _: unknown, emit: Emit, node: Node<any>): Value | Rejection => {
    const { dtype } = node.results[0]!.type;
    if (isComplex(dtype)) return reject("complex numbers have no kernels");
    return isFloat(dtype) ? floats(emit, self) : computeIn(emit, dtype, [self], (x) => integers(emit, x));
  };
export const asIs: Form = (_, x) => x;
