import type { OpDescription, OperandDescription } from "../file/op-description.ts";
import type { Operator, Tensor } from "../file/tflite-file.ts";

/** What versions and kernels depend on, of one operator and the tensors it names. */
export function describeOperator(op: Omit<Operator, "version">, tensors: readonly Tensor[]): OpDescription {
  return {
    builtin: op.builtin,
    operands: op.inputs.map((i) => (i < 0 ? undefined : describeTensor(tensors[i]!))),
    results: op.outputs.map((i) => describeTensor(tensors[i]!)),
    ...(op.options && { options: op.options.fields }),
  };
}

/** Parameters longer than this are no axes or paddings. */
const maxValues = 64;

function describeTensor(t: Tensor): OperandDescription {
  const { buffer, quantization } = t;
  const values =
    buffer instanceof Uint8Array && t.dtype === "i32" && buffer.byteLength <= 4 * maxValues
      ? Array.from(new Int32Array(buffer.slice().buffer))
      : undefined;
  return {
    dtype: t.dtype,
    shape: t.shapeSignature ?? t.shape ?? [],
    ...(buffer && { constant: true }),
    ...(values && { values }),
    ...(t.sparsity && { sparse: true }),
    ...(quantization && {
      quantization: {
        scale: quantization.scale,
        zeroPoint: quantization.zeroPoint,
        ...(quantization.axis !== undefined && { axis: quantization.axis }),
        ...(quantization.details && { blockwise: true }),
      },
    }),
  };
}
