import {
  type AttrInput,
  type Attrs,
  appliedConstant,
  type Constant,
  mapOperands,
  type OpDef,
  type OperandInput,
  type Operands,
  type Rewriter,
  type TensorType,
  type Value,
} from "@tflower/core";

/**
 * A value that holds `op` of constants, without a node: what a rewrite makes of weights is a constant at once, so that the next
 * rewrite sees one. Every operand must be a constant value.
 */
export function constantOf<N extends string, O extends Operands, A extends Attrs>(
  rewriter: Rewriter,
  op: OpDef<N, O, A>,
  operands: OperandInput<O>,
  attrs: AttrInput<A>,
  name?: string,
): Value {
  const given = operands as Readonly<Record<string, Value>>;
  const constants = mapOperands(given, (v) => v.constant as Constant);
  const full: Record<string, unknown> = {};
  for (const [k, spec] of Object.entries(op.attrs)) full[k] = (attrs as Record<string, unknown>)[k] ?? spec.default;
  const type = op.infer!(mapOperands(given, (v) => v.type) as never, full as never) as TensorType;
  return rewriter.constant(appliedConstant(op, constants, full, type), name ?? Object.values(given)[0]?.name);
}
