import { type Attr, appliedConstant, type Constant, type OpDef, type TensorType } from "@tflower/core";

/**
 * What a pure op makes of constants, computed when the file is written. Folding would leave it to the runtime where the result is
 * much larger than what it is made of.
 */
export function lazily(
  op: OpDef,
  operands: Readonly<Record<string, Constant>>,
  attrs: Readonly<Record<string, unknown>> = {},
): Constant {
  const full: Record<string, unknown> = {};
  for (const [k, spec] of Object.entries(op.attrs as Record<string, Attr<unknown>>))
    full[k] = k in attrs ? attrs[k] : spec.default;
  const types = Object.fromEntries(Object.entries(operands).map(([k, c]) => [k, c.type]));
  const type = op.infer!(types as never, full as never) as TensorType;
  return appliedConstant(op, operands, full, type);
}
