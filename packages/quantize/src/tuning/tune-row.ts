import { roundBlockScales } from "../weights/weight-type.ts";
import type { Feedback } from "./feedback.ts";
import { errorIn } from "./metric.ts";
import { improveCodes, type RowGrid, roundNearest, roundWithFeedback } from "./round-row.ts";

/** Codes that a dtype has for weights. */
export const weightCodes = { i8: { low: -127, high: 127 }, i4: { low: -8, high: 7 } } as const;

/** How a row is rounded. */
export interface RowOptions {
  readonly dtype: "i8" | "i4";
  /** Columns that share a scale; all of them where it is absent. */
  readonly block?: number;
  /** Whether codes make up for one another's errors, or are the nearest ones. */
  readonly feedback: boolean;
  /** Scales are tried from the one that holds all weights down to this share of it. */
  readonly leastScale: number;
}

/** A rounded row. */
export interface RoundedRow {
  readonly codes: Float64Array;
  /** One, or one for each block. */
  readonly scales: Float64Array;
  /** What the codes cost at the output. */
  readonly error: number;
}

const tries = 12;

/** Scales that hold all weights of the row. */
export function widestScales(w: Float64Array, { dtype, block = w.length }: RowOptions): Float64Array {
  const { low, high } = weightCodes[dtype];
  const out = new Float64Array(w.length / block);
  for (let b = 0; b < out.length; b++) {
    let [least, most] = [0, 0];
    for (let i = b * block; i < (b + 1) * block; i++) {
      least = Math.min(least, w[i]!);
      most = Math.max(most, w[i]!);
    }
    out[b] = fileScale(Math.max(least / low, most / high, 1e-9), block < w.length || out.length > 1);
  }
  return out;
}
const one = new Float32Array(1);
function fileScale(s: number, inBlocks: boolean): number {
  one[0] = s;
  if (inBlocks) roundBlockScales(one);
  return one[0]!;
}

/**
 * Rounds a row so that what it costs at the output is least, as far as looking at single codes and a few scales shows. It never costs more than
 * the nearest codes at the widest scales.
 */
export function tuneRow(w: Float64Array, pieces: readonly Feedback[], o: RowOptions): RoundedRow {
  const widest = widestScales(w, o);
  const nearest = roundAt(w, widest, pieces, { ...o, feedback: false });
  const clipped = o.leastScale < 1 ? clippedScales(w, widest, pieces, o) : widest;
  const same = clipped.every((s, i) => s === widest[i]);
  const found = [nearest, roundAt(w, clipped, pieces, o)];
  if (!same && o.feedback) found.push(roundAt(w, widest, pieces, o));
  let best = found.reduce((a, b) => (b.error < a.error ? b : a));
  if (o.block === undefined && o.leastScale < 1) best = refitted(w, best, pieces, o);
  return best;
}

const gridAt = (w: Float64Array, scales: Float64Array, { dtype }: RowOptions): RowGrid => {
  const block = w.length / scales.length;
  return { scales: Float64Array.from(w, (_, i) => scales[Math.floor(i / block)]!), ...weightCodes[dtype] };
};

function roundAt(w: Float64Array, scales: Float64Array, pieces: readonly Feedback[], o: RowOptions): RoundedRow {
  const grid = gridAt(w, scales, o);
  const codes = new Float64Array(w.length);
  if (o.feedback) {
    roundWithFeedback(w, grid, pieces, codes);
    return { codes, scales, error: improveCodes(w, grid, pieces, codes) };
  }
  roundNearest(w, grid, codes);
  return {
    codes,
    scales,
    error: errorIn(
      pieces,
      w.map((x, i) => x - codes[i]! * grid.scales[i]!),
    ),
  };
}

/** Scales at which nearest codes cost least where columns were independent. */
function clippedScales(
  w: Float64Array,
  widest: Float64Array,
  pieces: readonly Feedback[],
  { dtype, leastScale }: RowOptions,
): Float64Array {
  const { low, high } = weightCodes[dtype];
  const block = w.length / widest.length;
  const weight = new Float64Array(w.length);
  for (const { from, size, h } of pieces) for (let i = 0; i < size; i++) weight[from + i] = h[i * size + i]!;
  return widest.map((wide, b) => {
    let [best, least] = [wide, Number.POSITIVE_INFINITY];
    for (let t = 0; t < tries; t++) {
      const s = fileScale(wide * (1 - ((1 - leastScale) * t) / (tries - 1)), widest.length > 1);
      let sum = 0;
      for (let i = b * block; i < (b + 1) * block; i++) {
        const e = w[i]! - Math.min(high, Math.max(low, Math.round(w[i]! / s))) * s;
        sum += weight[i]! * e * e;
      }
      if (sum < least) [best, least] = [s, sum];
    }
    return best;
  });
}

/** The same codes at the scale that suits them best, and codes that suit that scale. */
function refitted(w: Float64Array, row: RoundedRow, pieces: readonly Feedback[], o: RowOptions): RoundedRow {
  let [cross, square] = [0, 0];
  for (const { from, size, h } of pieces)
    for (let i = 0; i < size; i++) {
      const q = row.codes[from + i]!;
      if (q === 0) continue;
      let [a, b] = [0, 0];
      for (let j = 0, at = i * size; j < size; j++, at++) {
        a += h[at]! * w[from + j]!;
        b += h[at]! * row.codes[from + j]!;
      }
      cross += q * a;
      square += q * b;
    }
  const s = Math.fround(cross / square);
  if (!(s > 1e-9) || s === row.scales[0]) return row;
  const scales = Float64Array.of(s);
  const grid = gridAt(w, scales, o);
  const codes = row.codes.slice();
  const error = o.feedback
    ? improveCodes(w, grid, pieces, codes)
    : errorIn(
        pieces,
        w.map((x, i) => x - codes[i]! * s),
      );
  return error < row.error ? { codes, scales, error } : row;
}
