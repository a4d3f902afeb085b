import { roundBlockScales } from "../weights/weight-type.ts";
import { costOf, type Feedback } from "./feedback.ts";
import { gradientOf, improveCodes, type RowGrid, roundNearest, roundWithFeedback } from "./round-row.ts";

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
/** Rows of no more columns than these are improved from each start. */
const thorough = 128;

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
  const nearest = nearestAt(w, widest, pieces, o);
  if (o.leastScale === 1 && !o.feedback) return nearest;
  const clipped = clippedScales(w, widest, pieces, o);
  const roundAt = o.feedback ? feedbackAt : nearestAt;
  const found = [nearest, roundAt(w, clipped, pieces, o)];
  if (o.feedback && clipped.some((s, i) => s !== widest[i])) found.push(feedbackAt(w, widest, pieces, o));
  const best = (rows: readonly RoundedRow[]): RoundedRow => rows.reduce((a, b) => (b.error < a.error ? b : a));
  if (!o.feedback) return best(found);
  // codes of small layers are cheap to look at again from several starts
  const starts = w.length <= thorough ? found : [best(found)];
  return best(starts.map((row) => improved(w, row, pieces, o)));
}

function gridAt(w: Float64Array, scales: Float64Array, { dtype }: RowOptions): RowGrid {
  const block = w.length / scales.length;
  const columns = new Float64Array(w.length);
  for (let b = 0; b < scales.length; b++) columns.fill(scales[b]!, b * block, (b + 1) * block);
  return { scales: columns, ...weightCodes[dtype] };
}

function nearestAt(w: Float64Array, scales: Float64Array, pieces: readonly Feedback[], o: RowOptions): RoundedRow {
  const grid = gridAt(w, scales, o);
  const codes = new Float64Array(w.length);
  roundNearest(w, grid, codes);
  return { codes, scales, error: costOf(pieces, (i) => w[i]! - codes[i]! * grid.scales[i]!) };
}

function feedbackAt(w: Float64Array, scales: Float64Array, pieces: readonly Feedback[], o: RowOptions): RoundedRow {
  const codes = new Float64Array(w.length);
  const error = roundWithFeedback(w, gridAt(w, scales, o), pieces, codes);
  return { codes, scales, error };
}

/** Moves single codes, and a scale that all of them share, to what suits them best. */
function improved(w: Float64Array, row: RoundedRow, pieces: readonly Feedback[], o: RowOptions): RoundedRow {
  const codes = row.codes.slice();
  const grid = gridAt(w, row.scales, o);
  const e = w.map((x, i) => x - codes[i]! * grid.scales[i]!);
  const g = gradientOf(pieces, e);
  const better = { codes, scales: row.scales, error: improveCodes(grid, pieces, codes, e, g) };
  if (o.block !== undefined) return better;
  const [s] = row.scales as unknown as readonly [number];
  const all = gradientOf(pieces, w);
  let [cross, square] = [0, 0];
  for (let i = 0; i < w.length; i++) {
    cross += codes[i]! * all[i]!;
    square += (codes[i]! * (all[i]! - g[i]!)) / s;
  }
  const fit = Math.fround(cross / square);
  if (!(fit > 1e-9) || fit === s) return better;
  const fitted = gridAt(w, Float64Array.of(fit), o);
  const moved = codes.slice();
  for (let i = 0; i < w.length; i++) {
    e[i] = w[i]! - moved[i]! * fit;
    g[i] = all[i]! - ((all[i]! - g[i]!) / s) * fit;
  }
  const error = improveCodes(fitted, pieces, moved, e, g);
  return error < better.error ? { codes: moved, scales: Float64Array.of(fit), error } : better;
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
