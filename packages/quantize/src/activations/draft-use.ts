import {
  type KernelUse,
  mapOperands,
  type Node,
  type Quantization,
  type TensorType,
  tensor,
  type Value,
} from "@tflower/core";

/** Dtypes of integer activations. */
export type ActivationDType = "i8" | "i16";

/** Any scales: whether there is a kernel does not depend on them, but where they are prescribed. */
const some: Quantization = { scales: [1], zeroPoints: [0] };

/** What `node` would be on integers, as far as kernels are chosen by it: dtypes, and which operand is per channel. */
export function draftUse(node: Node, dtype: ActivationDType, withBias = false): KernelUse {
  const { traits } = node.op;
  const weights = traits.weights && (node.operands_[traits.weights.operand] as Value | undefined);
  const bias = traits.accumulator && (node.operands_[traits.accumulator.bias] as Value | undefined);
  const axis = weights && traits.weights!.axis(node.attrs as never, weights.type.shape.length);
  const perChannel: Quantization = { scales: [1, 1], zeroPoints: [0, 0], ...(axis !== undefined && { axis }) };
  const accumulated = dtype === "i8" ? "i32" : "i64";
  const typeOf = (v: Value): TensorType => {
    if (v.type.dtype !== "f32") return v.type;
    if (v === bias) return tensor(accumulated, v.type.shape, { ...perChannel, axis: 0 });
    if (v === weights && v.constant) return tensor("i8", v.type.shape, perChannel);
    return tensor(dtype, v.type.shape, some);
  };
  const operands = mapOperands(node.operands_, (v) => ({ type: typeOf(v), constant: v.constant }));
  if (withBias && traits.accumulator) {
    const channels = node.results[0]!.type.shape.at(-1)!;
    const type = tensor(accumulated, [channels], { ...perChannel, axis: 0 });
    operands[traits.accumulator.bias] = { type, constant: weights?.constant };
  }
  const fixed = traits.fixedOutputRange?.[dtype];
  const out: Quantization = fixed ? { scales: [Math.fround(fixed[0])], zeroPoints: [fixed[1]] } : some;
  const results = node.results.map((r) => (r.type.dtype === "f32" ? tensor(dtype, r.type.shape, out) : r.type));
  return { op: node.op, operands: operands as KernelUse["operands"], attrs: node.attrs as never, results };
}
