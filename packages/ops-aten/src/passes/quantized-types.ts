import { isStaticShape, type Node, type Quantization, type Value } from "@tflower/core";
import type { Affine } from "../semantics/affine-quantization.ts";

/** Scales of a program as a type can say them: one, one for each index of an axis, or one for each block of the last axis. */
export function scalesFor(
  grouping: Affine["grouping"],
  node: Node,
  { scales, zeros }: { readonly scales: readonly number[]; readonly zeros: readonly number[] },
): { readonly quant: Quantization } | undefined {
  const { type } = node.operands_["input"] as Value;
  if (!isStaticShape(type.shape) && scales.length > 1) return undefined;
  const given = (node.operands_["scale"] ?? node.operands_["scales"]) as Value | undefined;
  const g = grouping(type, node.attrs as Readonly<Record<string, unknown>>, given?.type ?? { shape: [] });
  const base = { scales, zeroPoints: zeros };
  if (scales.length === 1) return { quant: base };
  const wide = g.scales.flatMap((d, i) => (d === 1 ? [] : [i]));
  if (g.tensor.length === type.shape.length) {
    if (wide.length === 1) return { quant: { ...base, axis: wide[0]! } };
    // as many scales as there are elements, or as rows
    return undefined;
  }
  const last = g.tensor.length - 1;
  const isBlocks =
    g.tensor.length === type.shape.length + 1 &&
    g.scales[last] === 1 &&
    g.tensor[last - 1]! !== type.shape.at(-1) &&
    g.scales.every((d, i) => i === last || d === g.tensor[i]);
  return isBlocks ? { quant: { ...base, block: g.tensor[last] as number } } : undefined;
}
