import { defineOp, type OpDef, type Operands, type TensorType } from "@tflower/core";
import { parseSchemaLine } from "./aten-schema.ts";

/** In-place ops that PyTorch does not name after the op whose result they write. */
const irregular: Readonly<Record<string, string>> = {
  "aten.floor_divide": "aten.floor_divide_.Tensor",
  "aten.float_power.Tensor_Scalar": "aten.float_power_.Scalar",
  "aten.float_power.Tensor_Tensor": "aten.float_power_.Tensor",
  "aten.ldexp.Tensor": "aten.ldexp_",
  "aten.pow.Tensor_Scalar": "aten.pow_.Scalar",
  "aten.pow.Tensor_Tensor": "aten.pow_.Tensor",
};

/** `aten.add.Tensor` as `aten.add_.Tensor`, `aten.__and__.Tensor` as `aten.__iand__.Tensor`. */
export function inplaceName(name: string): string {
  if (irregular[name]) return irregular[name];
  const [, base, overload = ""] = /^(\w+\.\w+)(\..+)?$/.exec(name) ?? [name, name];
  const operator = /^(\w+\.)__(\w+)__$/.exec(base!);
  return operator ? `${operator[1]}__i${operator[2]}__${overload}` : `${base}_${overload}`;
}

/**
 * The in-place variant of an op whose first argument it overwrites: same arguments, same meaning, the result is that argument itself.
 * PyTorch calls it `self` whatever the functional op calls it. Views have none: theirs change what a tensor is, not what it holds.
 */
export function inplaceVariant(op: OpDef): OpDef | undefined {
  const { schema, view, sharesMemory, inplace, opaque } = op.traits;
  if (schema === undefined || (view && !sharesMemory) || inplace || opaque) return undefined;
  const line = parseSchemaLine(schema);
  const first = line.args[0];
  if (first?.type !== "Tensor" || line.results !== "Tensor") return undefined;
  const { [first.name]: target, ...rest } = op.operands as Operands;
  return defineOp(
    inplaceName(op.name) as `${string}.${string}`,
    {
      summary: `In place: ${op.summary}`,
      operands: { self: target!, ...rest },
      attrs: op.attrs,
      traits: { effects: true, inplace: { operand: "self", functional: op.name } },
      infer: (types: { readonly self: TensorType }) => types.self,
    } as never,
  ) as unknown as OpDef;
}
