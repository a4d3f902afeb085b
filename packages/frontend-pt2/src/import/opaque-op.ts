import { type Attr, attr, defineOp, type OpDef, type Operand, operand } from "@tflower/core";
import type { ExportNode } from "../schema/exported-program.ts";

/** An op that no dialect declares: known by its name and by what this one node gives it. Its result types come from the program. */
export function opaqueOp(name: string, node: ExportNode): OpDef {
  const operands: Record<string, Operand> = {};
  const attrs: Record<string, Attr<any>> = {};
  node.inputs.forEach((input, i) => {
    const key = input.name || `arg${i}`;
    const { kind } = input.arg;
    if (kind === "tensor") operands[key] = operand.optional(operand.tensor);
    else if (kind === "tensors") operands[key] = operand.variadic(operand.tensor);
    else if (kind === "optionalTensors") operands[key] = operand.variadicOptional(operand.tensor);
    else attrs[key] = attr.raw;
  });
  return defineOp(name as `${string}.${string}`, {
    summary: "An op that tflower does not know.",
    operands,
    attrs,
    // what it writes or prints nobody knows, so it is never dropped
    traits: { opaque: true, effects: true },
  });
}

/** `torch.ops.aten.conv2d.default` as `aten.conv2d`, `torch.ops.aten.add.Tensor` as `aten.add.Tensor`. */
export function opNameOf(target: string): string {
  const name = target.replace(/^torch\.ops\./, "").replace(/\.default$/, "");
  return name.includes(".") ? name : `python.${name}`;
}
