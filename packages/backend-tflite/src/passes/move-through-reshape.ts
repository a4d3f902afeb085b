/**
 * `reshape(transpose(x, perm), to)` as `transpose(reshape(x, shape), perm')`, or `undefined` where there is no such form.
 * `from` is the shape between the two. Axes are taken in groups of equal size on both sides; a group of several axes must lie
 * side by side, in order, in `x`.
 */
export function moveThroughReshape(
  perm: readonly number[],
  from: readonly number[],
  to: readonly number[],
): { readonly shape: readonly number[]; readonly perm: readonly number[] } | undefined {
  const groups = groupAxes(from, to);
  if (!groups) return undefined;
  for (const { source } of groups) for (let i = 1; i < source.length; i++) if (perm[source[i]!] !== perm[source[i - 1]!]! + 1) return undefined;
  // the groups in the order in which they lie in x; a group without source axes (ones put in) stays behind its neighbour
  const order = groups.map((g, i) => ({ i, at: g.source.length ? perm[g.source[0]!]! : -1 }));
  if (order.some((o) => o.at < 0)) return undefined;
  order.sort((a, b) => a.at - b.at);
  const shape: number[] = [];
  const place: number[] = new Array(to.length);
  for (const { i } of order)
    for (const t of groups[i]!.target) {
      place[t] = shape.length;
      shape.push(to[t]!);
    }
  return { shape, perm: place };
}

interface Group {
  readonly source: number[];
  readonly target: number[];
}

/** The finest partition of both shapes into runs of axes with equal products. */
function groupAxes(from: readonly number[], to: readonly number[]): readonly Group[] | undefined {
  const groups: Group[] = [];
  let i = 0;
  let j = 0;
  while (i < from.length || j < to.length) {
    const group: Group = { source: [], target: [] };
    let a = 1;
    let b = 1;
    do {
      if (a <= b && i < from.length) {
        group.source.push(i);
        a *= from[i++]!;
      } else if (j < to.length) {
        group.target.push(j);
        b *= to[j++]!;
      } else if (i < from.length) {
        group.source.push(i);
        a *= from[i++]!;
      } else return undefined;
      if (a === 0 || b === 0) return undefined;
    } while (a !== b || group.target.length === 0);
    groups.push(group);
  }
  // axes of one element at the end join the last group
  return groups;
}
