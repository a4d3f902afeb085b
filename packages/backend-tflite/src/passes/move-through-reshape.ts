/**
 * `reshape(transpose(x, perm), to)` as `transpose(reshape(x, shape), perm')`, or `undefined` where there is no such form.
 * `from` is the shape between the two. Axes are taken in groups of equal size on both sides; a group of several axes must lie
 * side by side, in order, in `x`. Axes of one element lie anywhere.
 */
export function moveThroughReshape(
  perm: readonly number[],
  from: readonly number[],
  to: readonly number[],
): { readonly shape: readonly number[]; readonly perm: readonly number[] } | undefined {
  const groups = groupAxes(from, to);
  if (!groups) return undefined;
  // neighbours in x, not counting axes of one element
  const wide = perm.filter((_, i) => from[i] !== 1).sort((a, b) => a - b);
  const rank = new Map(wide.map((axis, i) => [axis, i]));
  const at = (axis: number): number => rank.get(perm[axis]!)!;
  for (const { source } of groups)
    for (let i = 1; i < source.length; i++) if (at(source[i]!) !== at(source[i - 1]!) + 1) return undefined;
  const order = [...groups].sort((a, b) => at(a.source[0]!) - at(b.source[0]!));
  const shape: number[] = [];
  const place: number[] = new Array(to.length);
  const put = (t: number): void => {
    place[t] = shape.length;
    shape.push(to[t]!);
  };
  // leading ones stay in front, the others behind the axis that they follow
  for (let t = 0; t < to.length && to[t] === 1; t++) put(t);
  for (const { target } of order)
    for (const t of target) {
      put(t);
      for (let next = t + 1; next < to.length && to[next] === 1; next++) put(next);
    }
  return { shape, perm: place };
}

/** Axes of two shapes that hold the same elements. */
export interface Group {
  readonly source: number[];
  readonly target: number[];
}

/** The finest partition of both shapes, without their axes of one element, into runs with equal products. */
export function groupAxes(from: readonly number[], to: readonly number[]): readonly Group[] | undefined {
  const source = [...from.keys()].filter((i) => from[i] !== 1);
  const target = [...to.keys()].filter((i) => to[i] !== 1);
  const groups: Group[] = [];
  let i = 0;
  let j = 0;
  while (i < source.length && j < target.length) {
    const group: Group = { source: [source[i]!], target: [target[j]!] };
    let a = from[source[i++]!]!;
    let b = to[target[j++]!]!;
    while (a !== b) {
      if (a === 0 || b === 0) return undefined;
      if (a < b) {
        if (i === source.length) return undefined;
        group.source.push(source[i]!);
        a *= from[source[i++]!]!;
      } else {
        if (j === target.length) return undefined;
        group.target.push(target[j]!);
        b *= to[target[j++]!]!;
      }
    }
    groups.push(group);
  }
  return i === source.length && j === target.length ? groups : undefined;
}
