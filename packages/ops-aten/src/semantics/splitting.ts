import { addDim, type Dim, floorDivDim, invalid, isStatic, minDim, subDim } from "@tflower/core";

/** Extents of the pieces of `size` each, the last one smaller where they do not fit. */
export function pieces(extent: Dim, size: Dim): Dim[] {
  if (!isStatic(size)) return invalid("needs a static split size");
  if (!isStatic(extent)) return invalid(`needs a static extent to split into pieces of ${size}`);
  if (size < 0 || (size === 0 && extent !== 0)) invalid(`split size must be positive, got ${size}`);
  const count = extent === 0 ? 1 : Math.ceil(extent / size);
  return Array.from({ length: count }, (_, i) => Math.min(size, extent - i * size));
}

/** Extents of `count` pieces as `chunk` makes them: equal but for the last, and perhaps fewer. */
export function chunks(extent: Dim, count: number): Dim[] {
  if (count <= 0) invalid(`chunks must be positive, got ${count}`);
  // the number of chunks of a symbolic extent is what the exporter has seen: all of them
  if (!isStatic(extent)) {
    const size = floorDivDim(addDim(extent, count - 1), count);
    return Array.from({ length: count }, (_, i) =>
      i < count - 1 ? size : subDim(extent, Array.from({ length: i }, () => size).reduce<Dim>(addDim, 0)),
    );
  }
  const size = Math.ceil(extent / count);
  // zero elements still make as many empty chunks as were asked for
  return size === 0 ? new Array<Dim>(count).fill(0) : pieces(extent, size);
}

/** Extents of `count` pieces that differ by one at most, larger ones first. */
export function sections(extent: Dim, count: Dim): Dim[] {
  if (!isStatic(count) || count <= 0)
    return invalid(`number of sections must be positive, got ${typeof count === "number" ? count : count.key}`);
  const small = floorDivDim(extent, count);
  if (!isStatic(extent) || !isStatic(small)) return new Array<Dim>(count).fill(small);
  return Array.from({ length: count }, (_, i) => small + (i < extent % count ? 1 : 0));
}

/** Pieces of an axis: how many places each has, and where it starts. */
export interface Pieces {
  readonly extents: readonly Dim[];
  readonly starts: readonly Dim[];
}
/** Pieces that follow one another. */
export function inARow(extents: readonly Dim[]): Pieces {
  let at: Dim = 0;
  const starts = extents.map((e) => {
    const start = at;
    at = addDim(at, e);
    return start;
  });
  return { extents, starts };
}

/** Pieces between the places where an axis is cut; cuts are clamped as Python's slices are, and may go backwards. */
export function betweenCuts(extent: Dim, cuts: readonly Dim[]): Pieces {
  const place = (d: Dim): Dim => {
    const wrapped = isStatic(d) && d < 0 ? addDim(d, extent) : d;
    if (isStatic(wrapped) && isStatic(extent)) return Math.min(Math.max(wrapped, 0), extent);
    return isStatic(wrapped) ? minDim(wrapped, extent) : wrapped;
  };
  const starts: Dim[] = [0, ...cuts.map(place)];
  const extents = starts.map((s, i) => {
    const length = subDim(i + 1 < starts.length ? starts[i + 1]! : extent, s);
    return isStatic(length) ? Math.max(length, 0) : length;
  });
  return { starts, extents };
}
