import { defineOp, type OpDef, type Operands, type TensorType } from "@tflower/core";

/** `aten.add.Tensor` as `aten.add_.Tensor`. */
export const inplaceName = (name: string): string => name.replace(/^(\w+\.\w+)(\..+)?$/, (_, base: string, overload: string | undefined) => `${base}_${overload ?? ""}`);

/**
 * The in-place variant of an op whose first operand it overwrites: same arguments, same meaning, the result is the operand itself.
 * PyTorch calls that operand `self` whatever the functional op calls it.
 */
export function inplaceVariant(op: OpDef): OpDef | undefined {
  const first = Object.keys(op.operands as Operands)[0];
  if (first === undefined || (op.operands as Operands)[first]!.kind !== "one" || op.traits.opaque || op.traits.inplace) return undefined;
  const { [first]: target, ...rest } = op.operands as Operands;
  return defineOp(inplaceName(op.name) as `${string}.${string}`, {
    summary: `In place: ${op.summary}`,
    operands: { self: target!, ...rest },
    attrs: op.attrs,
    traits: { effects: true, inplace: { operand: "self", functional: op.name } },
    infer: (types: { readonly self: TensorType }) => types.self,
  } as never) as unknown as OpDef;
}
