import { type Constant, flattenOperands } from "@tflower/core";

/** Whether a constant is made of elements of half precision, or of integers with scales, which a file can hold as they are. */
export function hasPackedLeaf(c: Constant): boolean {
  if (c.type.quant) return true;
  if (c.kind !== "applied") return c.type.dtype === "f16" || c.type.dtype === "bf16";
  return flattenOperands(c.operands).some((x) => x !== undefined && (hasPackedLeaf(x) || isCode(x)));
}
/** Bytes that only become numbers when they are converted. */
const isCode = (c: Constant): boolean => c.type.dtype === "i8" || c.type.dtype === "i4";
