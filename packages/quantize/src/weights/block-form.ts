import { appliedConstant, type Constant, roundBf16, roundF16, tensor } from "@tflower/core";
import { relabel } from "./relabel.ts";

/** Lengths of blocks that files can say. */
const lengths: readonly number[] = [32, 64, 128, 256];

/** The scale of a block as files and kernels hold it: a float16 number with the mantissa of a bfloat16. */
const held = (scale: number): number => roundF16(roundBf16(scale));

/** Integers in blocks with the nearest scales that a file can hold; `undefined` where there are none near. */
export function blockForm(integers: Constant): Constant | undefined {
  const { type } = integers;
  const { scales, block, zeroPoints } = type.quant!;
  if (block === undefined || !lengths.includes(block) || type.dtype !== "i4") return undefined;
  if (zeroPoints.some((z) => z !== 0)) return undefined;
  // below this float16 has fewer bits
  if (scales.some((s) => s < 2 ** -14 || s > 65000)) return undefined;
  const rounded = scales.map(held);
  const own = tensor("i4", type.shape, { scales: rounded, zeroPoints: [], block });
  return appliedConstant(relabel, { x: integers }, {}, own);
}
