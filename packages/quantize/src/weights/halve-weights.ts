import { appliedConstant, type Constant, type Rewriter, tensor, type Value } from "@tflower/core";
import { half, widen } from "./half-ops.ts";
import type { Weights } from "./plan-weights.ts";
import { weightRanges } from "./weight-type.ts";

const largestHalf = 65504;

/** A constant as the float16 numbers nearest to it. */
export function roundedToHalf(c: Constant): Constant {
  const halves = appliedConstant(half, { x: c }, {}, tensor("f16", c.type.shape));
  return appliedConstant(widen, { x: halves }, {}, tensor("f32", c.type.shape));
}

/** Rounds weights to float16 numbers, which the file then holds as such. Gives why not, where they do not fit. */
export async function halveWeights(
  rewriter: Rewriter,
  { node, operand, constant }: Weights,
): Promise<string | undefined> {
  const { low, high } = await weightRanges(constant, { axis: 0 });
  const [least, most] = [Math.min(...low), Math.max(...high)];
  if (least < -largestHalf || most > largestHalf)
    return `they reach from ${least} to ${most}, and float16 ends at ${largestHalf}`;
  const value = rewriter.constant(roundedToHalf(constant), (node.operands_[operand] as Value).name);
  rewriter.setOperands(node, { ...node.operands_, [operand]: value });
  return undefined;
}
