import type { OpDef } from "@tflower/core";
import { sampleOf } from "../samples/sample-of.ts";
import type { Tolerance } from "./tolerance.ts";

/** Elementwise: a few roundings, and results too small for a normal float, which kernels may flush. */
const pointwise: Tolerance = { ulp: 4, atol: 2 ** -126 };
/** Sums in another order: relative to the largest result, since terms may cancel. */
const accumulated: Tolerance = { ulp: 4, rtol: 1e-5, atol: 1e-6 };

/** How far a lowering of `op` may be off: what was declared for it, or what its kind of op can promise. */
export const toleranceOf = (op: OpDef): Tolerance =>
  sampleOf(op)?.tolerance ?? (op.traits.elementwise ? pointwise : accumulated);
