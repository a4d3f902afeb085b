import { type Dim, invalid } from "@tflower/core";
import { reduceAxes, reducedShape } from "./reduce.ts";

/** How a quantile between two elements is chosen. */
export const interpolations = ["linear", "lower", "higher", "midpoint", "nearest"] as const;
export type Interpolation = (typeof interpolations)[number];

/** The shape of quantiles: one for each element of `q` in front, when it has an axis. */
export function quantileShape(
  self: readonly Dim[],
  q: readonly Dim[],
  dim: number | undefined,
  keepdim: boolean,
): Dim[] {
  if (q.length > 1) invalid(`q must be a number or a list, got rank ${q.length}`);
  const axes = reduceAxes(dim, self.length);
  if (axes.some((a) => self[a] === 0)) invalid("has no elements to choose from");
  return [...q, ...reducedShape(self, axes, keepdim)];
}

/** Between `a` and `b`, as PyTorch's `lerp` rounds it. */
export const lerp = (a: number, b: number, weight: number, round: (v: number) => number): number =>
  weight < 0.5 ? round(a + round(weight * round(b - a))) : round(b - round(round(b - a) * round(1 - weight)));
