import type { DimExpr, Scalar } from "@tflower/core";
import { realOf } from "./real-scalar.ts";

/** The order of a norm as a number: 2 unless said otherwise. */
export const orderOf = (p: Scalar | DimExpr | undefined): number =>
  p === undefined ? 2 : realOf(p, "the order of a norm");

/** The `p`-norm of a line: powers summed and rooted; the count of non-zeros for 0; the extremes for the infinities. NaN wins. */
export function vectorNorm(line: ArrayLike<number>, p: number): number {
  const a = Array.from(line, Math.abs);
  if (p === 0) return a.filter((v) => v !== 0).length;
  if (p === Infinity) return a.reduce((m, v) => Math.max(m, v), 0);
  if (p === -Infinity) return a.reduce((m, v) => Math.min(m, v), Infinity);
  if (p === 1) return a.reduce((s, v) => s + v, 0);
  if (p === 2) return Math.sqrt(a.reduce((s, v) => s + v * v, 0));
  return a.reduce((s, v) => s + v ** p, 0) ** (1 / p);
}
