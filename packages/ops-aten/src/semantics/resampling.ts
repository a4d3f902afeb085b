/** Elements of an axis and their weights that make one element of the resampled axis. */
export type Sample = readonly (readonly [index: number, weight: number])[];

/** One axis to resample. `scale` is the factor that the program gave; without it the extents decide. */
export interface Resampling {
  readonly from: number;
  readonly to: number;
  readonly scale?: number | undefined;
}
const f = Math.fround;
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
/** Input elements per output element, in single precision as PyTorch's kernels have it. */
const stepOf = ({ from, to, scale }: Resampling): number =>
  scale !== undefined && scale > 0 ? f(1 / scale) : f(from / to);
const alignedStep = ({ from, to }: Resampling): number => (to > 1 ? f((from - 1) / (to - 1)) : 0);

/**
 * The element nearest to each: its left neighbour, or the one whose pixel covers its centre. PyTorch's kernel for images takes
 * a factor that leaves or doubles an extent for exactly 1 or 2.
 */
export function nearestPlaces(r: Resampling, rule: "left" | "left of image" | "centre"): number[] {
  const even = rule === "left of image" && (r.to === r.from || r.to === 2 * r.from);
  const step = even ? r.from / r.to : stepOf(r);
  return range(r.to).map((o) => Math.min(Math.floor(f((rule === "centre" ? o + 0.5 : o) * step)), r.from - 1));
}

/** Where each element lies on the input axis. */
function positions(r: Resampling, alignCorners: boolean): number[] {
  const step = alignCorners ? alignedStep(r) : stepOf(r);
  return range(r.to).map((o) => (alignCorners ? f(step * o) : f(f(step * (o + 0.5)) - 0.5)));
}

/** Between the two neighbours. */
export const linearSamples = (r: Resampling, alignCorners: boolean): Sample[] =>
  positions(r, alignCorners).map((p, o) => {
    if (r.from === r.to) return [[o, 1]];
    const at = Math.max(p, 0);
    const low = Math.min(Math.floor(at), r.from - 1);
    const part = Math.min(Math.max(f(at - low), 0), 1);
    return low < r.from - 1
      ? [
          [low, f(1 - part)],
          [low + 1, part],
        ]
      : [[low, 1]];
  });

/** Keys' cubic kernel with the given slope. */
const cubic =
  (a: number) =>
  (t: number): number => {
    const x = Math.abs(t);
    return x <= 1 ? ((a + 2) * x - (a + 3)) * x * x + 1 : x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
  };

/** Among four neighbours, those beyond the ends taken to be like the ends. */
export const cubicSamples = (r: Resampling, alignCorners: boolean): Sample[] =>
  positions(r, alignCorners).map((p) => {
    const low = Math.min(Math.floor(p), r.from - 1);
    const part = Math.min(Math.max(p - low, 0), 1);
    const weight = cubic(-0.75);
    return [-1, 0, 1, 2].map((k) => [Math.min(Math.max(low + k, 0), r.from - 1), weight(part - k)] as const);
  });

/** A kernel for antialiasing: how far it reaches, and its shape. */
export interface Filter {
  readonly support: number;
  readonly weight: (t: number) => number;
}
const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));
export const filters = {
  linear: { support: 1, weight: (t: number) => Math.max(1 - Math.abs(t), 0) },
  cubic: { support: 2, weight: cubic(-0.5) },
  lanczos: { support: 3, weight: (t: number) => (Math.abs(t) < 3 ? sinc(t) * sinc(t / 3) : 0) },
} as const satisfies Record<string, Filter>;

/** Over as many elements as go into one of the result. */
export function antialiasedSamples(r: Resampling, filter: Filter, alignCorners: boolean): Sample[] {
  if (r.from === r.to) return range(r.to).map((o) => [[o, 1]]);
  const step = alignCorners ? alignedStep(r) : stepOf(r);
  const wide = Math.max(step, 1);
  const support = filter.support * wide;
  return range(r.to).map((o) => {
    const centre = step * (o + 0.5);
    const from = Math.max(Math.trunc(centre - support + 0.5), 0);
    const to = Math.min(Math.trunc(centre + support + 0.5), r.from);
    const weights = range(Math.max(to - from, 0)).map((k) => filter.weight((k + from - centre + 0.5) / wide));
    const total = weights.reduce((a, b) => a + b, 0);
    return weights.map((w, k) => [from + k, total === 0 ? w : w / total] as const);
  });
}

/** Samples as rows of a matrix. */
export const sampleMatrix = (samples: readonly Sample[], from: number): number[][] =>
  samples.map((sample) => {
    const row = new Array<number>(from).fill(0);
    for (const [i, w] of sample) row[i]! += w;
    return row;
  });
