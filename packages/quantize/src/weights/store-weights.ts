import {
  type AppliedConstant,
  appliedConstant,
  type Constant,
  type Node,
  type Rewriter,
  type TensorType,
  tensor,
  type Value,
} from "@tflower/core";
import type { Quantizers } from "../quantizers.ts";

/** A float constant as integers of `type`. */
export const quantizedConstant = ({ quantize }: Quantizers, c: Constant, type: TensorType): AppliedConstant =>
  appliedConstant(quantize, { input: c }, {}, type);

/** The reals that an integer constant stands for, as a constant: what computes with it computes what the file will, and can still move it. */
export const realsOf = ({ dequantize }: Quantizers, c: Constant): AppliedConstant =>
  appliedConstant(dequantize, { input: c }, {}, tensor("f32", c.type.shape));

/** The integers that a float constant stands for, where it is a constant made by {@link realsOf}. */
export const integersOf = (c: Constant | undefined): Constant | undefined =>
  c?.kind === "applied" && c.op.traits.quantizer === "dequantize" ? (c.operands["input"] as Constant) : undefined;

/** `node` reads integers: its kernel turns them into what it needs. */
export function readIntegers(rewriter: Rewriter, node: Node, operand: string, integers: Constant): void {
  const old = node.operands_[operand] as Value;
  rewriter.setOperands(node, { ...node.operands_, [operand]: rewriter.constant(integers, old.name) });
}

/** `node` reads the reals of integers that the file holds: the runtime unpacks them once, when it loads the file. */
export function readUnpacked(
  rewriter: Rewriter,
  { dequantize }: Quantizers,
  node: Node,
  operand: string,
  integers: Constant,
  unpacked: Map<string, Value>,
): void {
  const old = node.operands_[operand] as Value;
  let reals = unpacked.get(integers.key);
  if (!reals) {
    const before = rewriter.graph.first;
    const place = { ...(before && { before }), locations: node.locations };
    reals = rewriter.create(dequantize, { input: rewriter.constant(integers, old.name) }, {}, place).results[0]!;
    unpacked.set(integers.key, reals);
  }
  rewriter.setOperands(node, { ...node.operands_, [operand]: reals });
}
