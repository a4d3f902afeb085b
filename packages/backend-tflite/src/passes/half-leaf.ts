import { type Constant, flattenOperands } from "@tflower/core";

/** Whether a constant is made of elements of half precision, which a file can hold as they are. */
export function hasHalfLeaf(c: Constant): boolean {
  if (c.kind !== "applied") return c.type.dtype === "f16" || c.type.dtype === "bf16";
  return flattenOperands(c.operands).some((x) => x !== undefined && hasHalfLeaf(x));
}
