import { axesOf } from "./axes.ts";
import type { Labels } from "./contract.ts";

/** Labels of `tensordot`: paired axes share one, the others come in order in the result. */
export function tensordotLabels(
  a: number,
  b: number,
  dimsA: readonly number[],
  dimsB: readonly number[],
): { readonly self: Labels; readonly other: Labels; readonly result: Labels } {
  const [pa, pb] = [axesOf(dimsA, a), axesOf(dimsB, b)];
  const self = Array.from({ length: a }, (_, i) => (pa.includes(i) ? `k${pa.indexOf(i)}` : `a${i}`));
  const other = Array.from({ length: b }, (_, i) => (pb.includes(i) ? `k${pb.indexOf(i)}` : `b${i}`));
  return { self, other, result: [...self, ...other].filter((l) => !l.startsWith("k")) };
}

/** Labels of `inner`: the last axes go together, unless one operand is a scalar, which multiplies everything. */
export function innerLabels(
  a: number,
  b: number,
): { readonly self: Labels; readonly other: Labels; readonly result: Labels } {
  const own = (p: string, n: number): string[] => Array.from({ length: n }, (_, i) => `${p}${i}`);
  const shared = a > 0 && b > 0 ? ["k"] : [];
  const [left, right] = [own("a", a - shared.length), own("b", b - shared.length)];
  return { self: [...left, ...shared], other: [...right, ...shared], result: [...left, ...right] };
}
