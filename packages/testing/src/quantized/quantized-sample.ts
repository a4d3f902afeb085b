import type { OpDef } from "@tflower/core";
import type { Draft } from "../application/sample.ts";
import type { Choose } from "../choose/choose.ts";
import { exact, type Tolerance } from "../compare/tolerance.ts";

/** The kernels of LiteRT: portable ones, those for the machine at hand, and a delegate's, which an interpreter takes by default. */
export type Kernels = "reference" | "builtin" | "xnnpack";

/** What kernels make of a quantized op, beside what its reference semantics say. */
export interface KernelClaims {
  /** Kernels that the reference semantics equal; `reference` when absent. */
  readonly exactOn?: Kernels;
  /** What equal means: every bit when absent. Floats that are sums are rounded in any order. */
  readonly equal?: Tolerance;
  /** How far any other kernels may be off, which round in their own way; they are as equal when it is absent. */
  readonly others?: Tolerance;
  /** Kernels that compute something else: activations quantized in another way, or a mistake. Nothing is claimed of them. */
  readonly differsOn?: readonly Kernels[];
}

/** Quantized arguments of a tfl op, in one of the forms that its kernel takes. */
export interface QuantizedSample extends KernelClaims {
  readonly op: OpDef;
  /** As `i8`, or `f32 x i8` for activations and weights. */
  readonly form: string;
  readonly draw: (choose: Choose) => Draft;
}

/** The kernels break ties in another way, or round once where others round twice. */
export const oneCode: KernelClaims = { others: { codes: 1 } };

/** Name of a form, as `CONV_2D i8`. */
export const formName = ({ op, form }: QuantizedSample): string => `${op.traits.tfl?.builtin ?? op.name} ${form}`;

/** How far `kernels` may be from the reference semantics; `undefined` where nothing is claimed. */
export function claimedTolerance(s: KernelClaims, kernels: Kernels): Tolerance | undefined {
  if (s.differsOn?.includes(kernels)) return undefined;
  const equal = s.equal ?? exact;
  return kernels === (s.exactOn ?? "reference") ? equal : (s.others ?? equal);
}
