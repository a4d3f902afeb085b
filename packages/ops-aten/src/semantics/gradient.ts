import { invalid } from "@tflower/core";
import { axisOf } from "./axes.ts";

/** The axes that a gradient is taken along: one that is named, a list, or all. */
export function gradientAxes(dim: number | readonly number[] | undefined, rank: number): number[] {
  if (dim === undefined) return Array.from({ length: rank }, (_, i) => i);
  return (typeof dim === "number" ? [dim] : dim).map((d) => axisOf(d, rank));
}

/** Factors of three neighbours. */
export type Stencil<T> = readonly [T, T, T];
/** Arithmetic on steps, be they numbers or tensors. */
export interface Field<T> {
  readonly add: (a: T, b: T) => T;
  readonly mul: (a: T, b: T) => T;
  readonly div: (a: T, b: T) => T;
  readonly neg: (a: T) => T;
}
/** Factors of f(x - a), f(x), f(x + b) in the derivative at x. */
export function centreStencil<T>({ add, mul, div, neg }: Field<T>, a: T, b: T): Stencil<T> {
  const sum = add(a, b);
  return [neg(div(b, mul(a, sum))), div(add(b, neg(a)), mul(a, b)), div(a, mul(b, sum))];
}
/** Factors of f(x), f(x + a), f(x + a + b) in the derivative at x, of second order. */
export function edgeStencil<T>({ add, mul, div, neg }: Field<T>, a: T, b: T): Stencil<T> {
  const sum = add(a, b);
  return [neg(div(add(a, sum), mul(a, sum))), div(sum, mul(a, b)), neg(div(a, mul(b, sum)))];
}

export function checkOrder(order: number): void {
  if (order !== 1 && order !== 2) invalid(`edge_order must be 1 or 2, got ${order}`);
}
