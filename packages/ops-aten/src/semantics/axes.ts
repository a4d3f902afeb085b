import { invalid } from "@tflower/core";

/** The axis that `dim` names in a tensor of `rank` axes; negative ones count from the end. A rank-0 tensor counts as having one. */
export function axisOf(dim: number, rank: number): number {
  const axes = Math.max(rank, 1);
  if (dim < -axes || dim >= axes) invalid(`dimension ${dim} is out of range: expected ${-axes} to ${axes - 1}`);
  return dim < 0 ? dim + axes : dim;
}

/** {@link axisOf} for a list that must not name an axis twice. */
export function axesOf(dims: readonly number[], rank: number): number[] {
  const axes = dims.map((d) => axisOf(d, rank));
  if (new Set(axes).size !== axes.length) invalid(`dimensions [${dims.join(",")}] name an axis more than once`);
  return axes;
}
