import type { Choose } from "../choose/choose.ts";

/** An axis of a tensor of `rank`, counted from either end. Rank 0 has the axes 0 and -1. */
export const drawAxis = (choose: Choose, rank: number): number => {
  const n = Math.max(rank, 1);
  const axis = choose.below(n);
  return choose.maybe(0.4) ? axis - n : axis;
};

/** Some axes, each once, in any order, counted from either end. */
export const drawAxes = (choose: Choose, rank: number, atLeast = 0): number[] =>
  choose
    .permutation(rank)
    .slice(0, choose.between(Math.min(atLeast, rank), rank))
    .map((a) => (choose.maybe(0.4) ? a - rank : a));

/** The axis from the front. */
export const fromFront = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);
