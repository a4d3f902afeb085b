import { countOf, rowMajorStrides } from "@tflower/core";

/**
 * Scales of a constant: so many along each axis. One stands for all of it, as many as the axis has elements for one each, and others for
 * blocks of equal length.
 */
export interface Scales {
  readonly counts: readonly number[];
  /** Row-major. */
  readonly values: ArrayLike<number>;
  /** Zero points in the same order; absent where all are zero. */
  readonly zeros: ArrayLike<number> | undefined;
}

/** Scales at places of others: `place` gives, for each index along each axis, where it is read. */
function pick(s: Scales, counts: readonly number[], place: (axis: number, i: number) => number): Scales {
  const strides = rowMajorStrides(s.counts);
  const total = countOf(counts);
  const places = new Int32Array(total);
  const at = counts.map(() => 0);
  for (let k = 0; k < total; k++) {
    let from = 0;
    for (let axis = 0; axis < counts.length; axis++) {
      if (s.counts[axis] !== 1) from += place(axis, at[axis]!) * strides[axis]!;
    }
    places[k] = from;
    for (let axis = counts.length - 1; axis >= 0 && ++at[axis]! === counts[axis]!; axis--) at[axis] = 0;
  }
  const take = (list: ArrayLike<number>): number[] => Array.from(places, (i) => list[i]!);
  return { counts, values: take(s.values), zeros: s.zeros && take(s.zeros) };
}
/** One scale for each index of `axes`. */
function spread(s: Scales, shape: readonly number[], axes: readonly number[]): Scales | undefined {
  if (axes.some((a) => s.counts[a] !== 1 && s.counts[a] !== shape[a])) return undefined;
  if (axes.every((a) => s.counts[a] === shape[a])) return s;
  const counts = s.counts.map((n, i) => (axes.includes(i) ? shape[i]! : n));
  return pick(s, counts, (_, i) => i);
}

/** Scales of a constant whose axes change places. */
export function permuteScales(s: Scales, perm: readonly number[]): Scales {
  const counts = perm.map((p) => s.counts[p]!);
  const strides = rowMajorStrides(s.counts);
  const total = countOf(counts);
  const order: number[] = [];
  const at = counts.map(() => 0);
  for (let k = 0; k < total; k++) {
    order.push(perm.reduce((sum, p, axis) => sum + (s.counts[p] === 1 ? 0 : at[axis]! * strides[p]!), 0));
    for (let axis = counts.length - 1; axis >= 0 && ++at[axis]! === counts[axis]!; axis--) at[axis] = 0;
  }
  const take = (list: ArrayLike<number>): number[] => order.map((i) => list[i]!);
  return { counts, values: take(s.values), zeros: s.zeros && take(s.zeros) };
}

/** Scales of a part. */
export function cutScales(
  s: Scales,
  shape: readonly number[],
  begin: readonly number[],
  size: readonly number[],
): Scales | undefined {
  const counts: number[] = [];
  const first: number[] = [];
  for (const [i, d] of shape.entries()) {
    const n = s.counts[i]!;
    if (n === 1) {
      counts.push(1);
      first.push(0);
      continue;
    }
    const block = d / n;
    if (begin[i]! % block !== 0 || size[i]! % block !== 0) return undefined;
    counts.push(size[i]! / block);
    first.push(begin[i]! / block);
  }
  return pick(s, counts, (axis, i) => first[axis]! + i);
}

/** Scales of parts that lie one behind the other along an axis. */
export function joinScales(
  parts: readonly Scales[],
  shapes: readonly (readonly number[])[],
  axis: number,
): Scales | undefined {
  const [first, ...rest] = parts;
  const alike = rest.every(
    (p) =>
      p.zeros === undefined &&
      first!.zeros === undefined &&
      countOf(p.counts) === countOf(first!.counts) &&
      p.counts[axis] === 1 &&
      first!.counts[axis] === 1 &&
      Array.from(p.values).every((v, i) => v === first!.values[i]),
  );
  if (alike) return first;
  // along other axes as many as the part with most; along this one a scale for each index, or blocks of one length
  const counts = first!.counts.map((_, i) => Math.max(...parts.map((p) => p.counts[i]!)));
  const blocks = new Set(parts.map((p, k) => (p.counts[axis] === 1 ? 0 : shapes[k]![axis]! / p.counts[axis]!)));
  const inBlocks = blocks.size === 1 && !blocks.has(0);
  const wide = parts.map((p, k) => {
    const axes = counts.flatMap((n, i) => (i !== axis && n > 1 && p.counts[i] === 1 ? [i] : []));
    return spread(p, shapes[k]!, inBlocks ? axes : [...axes, axis]);
  });
  if (!wide.every((p) => p !== undefined)) return undefined;
  const lead = countOf(wide[0]!.counts.slice(0, axis));
  if (wide.some((p) => p.counts.some((n, i) => i !== axis && n !== wide[0]!.counts[i]))) return undefined;
  const join = (list: (p: Scales) => ArrayLike<number>): number[] => {
    const out: number[] = [];
    for (let k = 0; k < lead; k++)
      for (const p of wide) {
        const run = countOf(p.counts.slice(axis));
        out.push(...Array.from({ length: run }, (_, i) => list(p)[k * run + i]!));
      }
    return out;
  };
  const zeros = wide.some((p) => p.zeros) ? join((p) => p.zeros ?? Array.from(p.values, () => 0)) : undefined;
  const along = wide.reduce((n, p) => n + p.counts[axis]!, 0);
  return { counts: wide[0]!.counts.with(axis, along), values: join((p) => p.values), zeros };
}

/** Scales of a constant with zeros around it, which are zeros at any scale. */
export function padScales(s: Scales, shape: readonly number[], paddings: readonly number[]): Scales | undefined {
  const wide = shape.flatMap((_, i) => (paddings[2 * i]! + paddings[2 * i + 1]! > 0 && s.counts[i] !== 1 ? [i] : []));
  if (wide.some((i) => s.counts[i] !== shape[i])) return undefined;
  const counts = s.counts.map((n, i) => (wide.includes(i) ? n + paddings[2 * i]! + paddings[2 * i + 1]! : n));
  // the scale next to them will do
  return pick(s, counts, (axis, i) =>
    wide.includes(axis) ? Math.min(Math.max(i - paddings[2 * axis]!, 0), shape[axis]! - 1) : i,
  );
}

/** Scales of a product with factors that broadcast over the constant. */
export function spreadScales(
  s: Scales,
  shape: readonly number[],
  factors: readonly number[],
  values: ArrayLike<number>,
): Scales | undefined {
  const lead = shape.length - factors.length;
  const wide = factors.flatMap((d, i) => (d === 1 ? [] : [i + lead]));
  const own = spread(s, shape, wide);
  if (!own || wide.some((i) => factors[i - lead] !== shape[i])) return undefined;
  const full: Scales = { counts: [...new Array<number>(lead).fill(1), ...factors], values, zeros: undefined };
  const by = pick(full, own.counts, (_, i) => i).values;
  return { ...own, values: Array.from(own.values, (v, i) => Math.fround(v * by[i]!)) };
}
