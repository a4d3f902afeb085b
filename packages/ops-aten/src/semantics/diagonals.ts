import { addDim, type Dim, invalid, isStatic, minDim } from "@tflower/core";
import { axisOf } from "./axes.ts";

/** A diagonal of two axes: where it starts on each, the axes that stay, and the shape it has behind them. */
export interface Diagonal {
  readonly axis1: number;
  readonly axis2: number;
  readonly skip1: number;
  readonly skip2: number;
  readonly rest: readonly number[];
  readonly length: Dim;
  readonly shape: readonly Dim[];
}

/** The diagonal `offset` places right of the main one (below it when negative) of axes `dim1` and `dim2`. */
export function diagonalOf(shape: readonly Dim[], offset: number, dim1: number, dim2: number): Diagonal {
  const [axis1, axis2] = [axisOf(dim1, shape.length), axisOf(dim2, shape.length)];
  if (axis1 === axis2) invalid(`diagonal dimensions cannot be identical: ${dim1} and ${dim2}`);
  const [skip1, skip2] = [Math.max(-offset, 0), Math.max(offset, 0)];
  const [rows, columns] = [addDim(shape[axis1]!, -skip1), addDim(shape[axis2]!, -skip2)];
  const least = minDim(rows, columns);
  const length = isStatic(least) ? Math.max(least, 0) : least;
  const rest = shape.map((_, i) => i).filter((i) => i !== axis1 && i !== axis2);
  return { axis1, axis2, skip1, skip2, rest, length, shape: [...rest.map((i) => shape[i]!), length] };
}
