import { aten } from "@tflower/ops-aten";
import type { Sample } from "../application/sample.ts";

/**
 * Special functions, by formulas in float32 steps. How far these must be off is known: near a zero that is no round number the terms
 * cancel to within half a unit of theirs (the digamma function's at 1.46 are about one), and a tail of the normal distribution at `x`
 * magnifies the rounding of `x` by `x * x`, which is 85 ULP where float32 ends. PyTorch's own kernels are off by 3.5e-6 and thousands
 * of ULP there.
 */
export const specialSamples: readonly Sample[] = [
  ...[aten.digamma, aten.polygamma].map((op) => ({ op, tolerance: { ulp: 64, atol: 5e-7 } })),
  ...[aten.lgamma, aten.mvlgamma].map((op) => ({ op, tolerance: { ulp: 16, atol: 2e-6 } })),
  ...[aten.specialNdtr, aten.specialLogNdtr].map((op) => ({ op, tolerance: { ulp: 96, atol: 2 ** -126 } })),
];
