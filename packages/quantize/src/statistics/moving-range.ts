import type { Range } from "./range.ts";

/** What a moving average keeps of what it was, with every sample. */
export const movingDecay = 0.95;

/**
 * What samples that follow one another do to a moving average of their least and greatest elements: from `r` it goes to
 * `decay ** n * r + rest`. Only a run that begins here needs `first`, which it starts from.
 */
export interface MovingSegment {
  /** Index of the first sample, and of the one after the last. */
  readonly from: number;
  readonly to: number;
  /** Samples in which the value had finite elements. */
  readonly n: number;
  readonly first: Range;
  readonly rest: Range;
}

/** A segment of one sample. */
export const movingSegment = (index: number, r: Range): MovingSegment => ({
  from: index,
  to: index + 1,
  n: 1,
  first: r,
  rest: { min: (1 - movingDecay) * r.min, max: (1 - movingDecay) * r.max },
});

function join(a: MovingSegment, b: MovingSegment): MovingSegment {
  const kept = movingDecay ** b.n;
  return {
    from: a.from,
    to: b.to,
    n: a.n + b.n,
    first: a.first,
    rest: { min: kept * a.rest.min + b.rest.min, max: kept * a.rest.max + b.rest.max },
  };
}

const order = (a: MovingSegment, b: MovingSegment): number =>
  a.from - b.from || a.to - b.to || a.rest.min - b.rest.min || a.rest.max - b.rest.max;

/** Segments in the order of their samples; neighbours become one. */
export function mergeMoving(a: readonly MovingSegment[], b: readonly MovingSegment[]): readonly MovingSegment[] {
  const out: MovingSegment[] = [];
  for (const s of [...a, ...b].sort(order)) {
    const last = out.at(-1);
    if (last && last.to === s.from) out[out.length - 1] = join(last, s);
    else out.push(s);
  }
  return out;
}

/** What the average is after all of them. */
export function movingAverage(segments: readonly MovingSegment[]): Range | undefined {
  let r = segments[0]?.first;
  if (!r) return undefined;
  for (const { n, rest } of segments) {
    const kept = movingDecay ** n;
    r = { min: kept * r.min + rest.min, max: kept * r.max + rest.max };
  }
  return r;
}
