import type { Attrs, AttrsOf, Emit, Node, OpDef, Operands, OperandsOf, Rejection, Value } from "@tflower/core";

/** A complex tensor as two real ones. */
export interface Pair {
  readonly re: Value;
  readonly im: Value;
}
/** What stands for a tensor once complex ones are taken apart. */
export type Part = Value | Pair;
export const isPair = (p: Part): p is Pair => "re" in p;

/** What an op on complex numbers is in real ones. */
export interface ComplexRule {
  readonly op: OpDef;
  /** The rule is also for nodes without a complex operand or result. */
  readonly alsoReal: boolean;
  readonly split: (operands: any, attrs: any, emit: Emit, node: Node<any>) => Part | readonly Part[] | Rejection;
}

/** Declares a {@link ComplexRule}. Operands come as pairs where they are complex; results must be pairs where they are. */
export function complexRule<N extends string, O extends Operands, A extends Attrs>(
  op: OpDef<N, O, A>,
  split: (
    operands: OperandsOf<O, Part>,
    attrs: AttrsOf<A>,
    emit: Emit,
    node: Node<OpDef<N, O, A>>,
  ) => Part | readonly Part[] | Rejection,
  alsoReal = false,
): ComplexRule {
  return Object.freeze({ op: op as unknown as OpDef, split, alsoReal });
}
