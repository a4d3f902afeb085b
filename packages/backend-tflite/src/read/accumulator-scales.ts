import {
  type AnyOperands,
  type Constant,
  dataConstant,
  type Graph,
  leafConstant,
  type OpDef,
  type Quantization,
  tensor,
  type Value,
  wrap,
} from "@tflower/core";

/**
 * The operands of an op that adds a bias to a sum of products, with the scales of the bias where the file leaves them out: they are the
 * products of the other two's.
 */
export function withAccumulatorScales<T extends AnyOperands<Value>>(op: OpDef, operands: T, graph: Graph): T {
  const { accumulator } = op.traits;
  const bias = accumulator && (operands[accumulator.bias] as Value | undefined);
  if (!accumulator || !bias?.constant || bias.type.quant || !["i32", "i64"].includes(bias.type.dtype)) return operands;
  const [x, w] = accumulator.operands.map((k) => (operands[k] as Value | undefined)?.type.quant);
  if (!x || !w || w.block !== undefined) return operands;
  const scales = w.scales.map((s) => Math.fround(s * x.scales[0]!));
  const quant = { scales, zeroPoints: scales.map(() => 0), ...(scales.length > 1 && { axis: 0 }) };
  return { ...operands, [accumulator.bias]: graph.constant(scaled(bias.constant, quant), bias.name) };
}

/** The same integers at these scales. */
function scaled(c: Constant, quant: Quantization): Constant {
  const type = tensor(c.type.dtype, c.type.shape, quant);
  if (c.kind === "data") return dataConstant(wrap(type, c.data));
  if (c.kind === "leaf") return leafConstant(type, c.source, c);
  return c;
}
