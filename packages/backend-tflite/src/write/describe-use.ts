import { isStatic, type KernelUse, mapOperands, residentData, type TensorType } from "@tflower/core";
import type { OpDescription, OperandDescription } from "../file/op-description.ts";
import type { FileDType } from "../file/tflite-file.ts";
import type { AnyFields, BuiltinName } from "../schema/fields.ts";

/** What versions and kernels depend on, of an op with types that no node has yet; `undefined` for one of another dialect. */
export function describeUse({ op, operands, attrs, results }: KernelUse): OpDescription | undefined {
  const info = op.traits.tfl;
  if (!info || info.customCode !== undefined) return undefined;
  const described: (OperandDescription | undefined)[] = [];
  for (const name of info.file) {
    const v = operands[name];
    if (Array.isArray(v)) described.push(...v.map((x) => x && describe(x)));
    else if (v) described.push(describe(v as KernelOperand));
    else described.push(info.parameters[name] ? describeParameter(attrs[name], info.parameters[name]) : undefined);
  }
  while (described.length > 0 && described.at(-1) === undefined) described.pop();
  const types = { operands: mapOperands(operands, (v) => v.type), attrs, results };
  return {
    builtin: info.builtin as BuiltinName,
    operands: described,
    results: results.map((type) => describe({ type })),
    options: { ...attrs, ...info.derived?.(types) } as AnyFields,
  };
}

type KernelOperand = { readonly type: TensorType; readonly constant?: Parameters<typeof residentData>[0] | undefined };

/** Parameters longer than this are no axes or paddings. */
const maxValues = 64;

function describe({ type, constant }: KernelOperand): OperandDescription {
  const { quant } = type;
  const small = constant?.kind === "data" && type.dtype === "i32" && constant.data.length <= maxValues;
  return {
    dtype: type.dtype as FileDType,
    shape: type.shape.map((d) => (isStatic(d) ? d : -1)),
    ...(constant && { constant: true }),
    ...(small && { values: Array.from(residentData(constant)!.data as Int32Array) }),
    ...(quant && {
      quantization: {
        scale: quant.block === undefined ? quant.scales : [],
        zeroPoint: quant.block === undefined ? quant.zeroPoints : [],
        ...(quant.axis !== undefined && { axis: quant.axis }),
        ...(quant.block !== undefined && { blockwise: true }),
      },
    }),
  };
}

function describeParameter(value: unknown, form: string): OperandDescription {
  const list = (Array.isArray(value) ? value : [value]) as readonly unknown[];
  const values = list.map((x) => (typeof x === "number" ? x : -1));
  return {
    dtype: form.startsWith("i64") ? "i64" : form.startsWith("f32") ? "f32" : "i32",
    shape: form.endsWith("scalar") ? [] : form.endsWith("pairs") ? [values.length / 2, 2] : [values.length],
    constant: true,
    ...(values.length <= maxValues && { values }),
  };
}
