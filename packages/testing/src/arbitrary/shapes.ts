import type fc from "fast-check";
import type { Choose } from "../choose/choose.ts";
import { drawn } from "../choose/drawn.ts";

/** Which shapes to draw. */
export interface ShapeOptions {
  readonly minRank?: number;
  readonly maxRank?: number;
  /** Largest extent. */
  readonly maxExtent?: number;
  /** Largest number of elements. */
  readonly maxElements?: number;
  /** Also extents of zero. */
  readonly empty?: boolean;
}

/** An extent: ones are likely, and odd numbers, since even ones hide rounding. */
export function drawExtent(choose: Choose, o: ShapeOptions = {}): number {
  const { maxExtent = 7, empty = false } = o;
  if (empty && choose.maybe(0.04)) return 0;
  return 1 + choose.skewed(maxExtent, (u) => Math.floor(u < 0.15 ? 0 : ((u - 0.15) / 0.85) * maxExtent));
}

/** A shape whose axes know nothing of one another. */
export function drawShape(choose: Choose, o: ShapeOptions = {}): number[] {
  const { minRank = 0, maxRank = 4, maxElements = 400 } = o;
  const shape: number[] = [];
  let left = maxElements;
  for (let rank = choose.between(minRank, maxRank); rank > 0; rank--) {
    const d = drawExtent(choose, { ...o, maxExtent: Math.min(o.maxExtent ?? 7, left) });
    shape.push(d);
    left = Math.max(1, Math.floor(left / Math.max(d, 1)));
  }
  return shape;
}

/** A shape that broadcasts with `shape` to it: leading axes left out, extents of one put in. */
export function drawBroadcastable(choose: Choose, shape: readonly number[]): number[] {
  const how = choose.skewed(4, (u) => Math.floor(u < 0.4 ? 0 : 1 + ((u - 0.4) / 0.6) * 3));
  if (how === 0) return [...shape];
  if (how === 1) return [];
  const kept = how === 2 ? shape.slice(choose.below(shape.length + 1)) : [...shape];
  return kept.map((d) => (choose.maybe(0.3) ? 1 : d));
}

/** Shapes. */
export const shapes = (o: ShapeOptions = {}): fc.Arbitrary<readonly number[]> =>
  drawn((choose) => drawShape(choose, o), "shape");
/** Several shapes that broadcast with one another. */
export const broadcastShapes = (count: number, o: ShapeOptions = {}): fc.Arbitrary<readonly (readonly number[])[]> =>
  drawn((choose) => {
    const shape = drawShape(choose, o);
    return Array.from({ length: count }, () => drawBroadcastable(choose, shape));
  }, "shapes");
