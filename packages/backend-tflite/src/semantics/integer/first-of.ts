import type { EvaluateQuantized } from "./quantized-kernel.ts";

/** What the first of several kernels gives that takes the operands. */
export const firstOf =
  (...kernels: readonly EvaluateQuantized[]): EvaluateQuantized =>
  (operands, attrs, types, evaluate) => {
    for (const kernel of kernels) {
      const out = kernel(operands, attrs, types, evaluate);
      if (out) return out;
    }
    return undefined;
  };
