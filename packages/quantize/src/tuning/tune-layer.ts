import { roundF16 } from "@tflower/core";
import type { WeightScheme } from "../scheme.ts";
import { type Feedback, feedbackOf, withoutFeedback } from "./feedback.ts";
import type { Layer, LayerShape } from "./layer.ts";
import { errorIn, metricsOf } from "./metric.ts";
import { addMoments, type Moments, meansOf } from "./moments.ts";
import { tuneHalves } from "./tune-halves.ts";
import { type RoundedRow, type RowOptions, tuneRow } from "./tune-row.ts";

/** How weights may be rounded. */
export interface TuneOptions {
  readonly rounding: "nearest" | "gptq";
  readonly biasCorrection: boolean;
}

/** Weights after rounding: reals that the scheme holds exactly, and codes and scales where it has those. */
export interface TunedLayer {
  /** In the order of the constant. */
  readonly values: Float32Array;
  readonly codes?: Int8Array;
  /** By result channel, and block. */
  readonly scales?: Float64Array;
  /** What is to be added to the bias, so that no channel is off on average. */
  readonly correction?: Float32Array;
  /** How much was left out of the products of different columns; 1 where only their squares count. */
  readonly shrink: number;
  /** The output's squared error on patches that rounding did not know, before and after. */
  readonly before: number;
  readonly after: number;
}

/** Ways that are tried on a few rows. */
const shrinks = [0.02, 0.15, 0.5] as const;
/** Rows that they are tried on. */
const trials = 16;
/** Patches in a half that are enough to find a way by one half only. */
const enough = 512;
/** A bias is worth adding, or changing, where it takes this share of the squared error. */
const worthwhile = 0.02;

interface Way {
  readonly shrink: number;
  readonly feedback: boolean;
  readonly clip: boolean;
}
const plain: Way = { shrink: 1, feedback: false, clip: false };

/**
 * Rounds the weights of a layer by what they are multiplied with. Which way is best is found out on one half of the patches for the other half,
 * so that few samples are not taken for more than they say; then all of them count.
 */
export function tuneLayer(
  { shape }: Pick<Layer, "shape">,
  weights: ArrayLike<number>,
  scheme: WeightScheme,
  halves: readonly [Moments, Moments],
  o: TuneOptions,
): TunedLayer {
  const rows = rowsOf(shape, weights);
  const tuner = new Tuner(shape, scheme);
  const gptq = o.rounding === "gptq";
  const ways: Way[] = gptq
    ? [plain, { ...plain, clip: true }, ...shrinks.map((shrink) => ({ shrink, feedback: true, clip: true }))]
    : [plain, { ...plain, clip: true }];
  const some = pick(rows.length, trials);
  const centered = o.biasCorrection && tuner.meansHelp(rows, some, halves);
  let [best, least] = [plain, Number.POSITIVE_INFINITY];
  let before = 0;
  for (const way of ways) {
    const error = tuner.errorOn(rows, some, way, halves, centered);
    if (way === plain) before = error;
    if (error < least) [best, least] = [way, error];
  }
  const all = addMoments(...halves);
  const tuned = tuner.round(rows, undefined, best, all, centered);
  return { ...tuner.gather(rows, tuned, all, centered, weights.length), shrink: best.shrink, before, after: least };
}

interface Row {
  readonly group: number;
  readonly row: number;
  readonly w: Float64Array;
}
interface TunedRow {
  readonly values: Float64Array;
  readonly rounded?: RoundedRow;
}

function rowsOf(shape: LayerShape, weights: ArrayLike<number>): readonly Row[] {
  const out: Row[] = [];
  for (let group = 0; group < shape.groups; group++)
    for (let row = 0; row < shape.rows; row++) {
      const w = Float64Array.from({ length: shape.columns }, (_, i) => weights[shape.weightAt(group, row, i)]!);
      out.push({ group, row, w });
    }
  return out;
}

/** Up to `most` of `n` indices, spread evenly. */
const pick = (n: number, most: number): readonly number[] =>
  n <= most
    ? Array.from({ length: n }, (_, i) => i)
    : Array.from({ length: most }, (_, i) => Math.floor((i * n) / most));

class Tuner {
  private readonly shape: LayerShape;
  private readonly scheme: WeightScheme;
  constructor(shape: LayerShape, scheme: WeightScheme) {
    this.shape = shape;
    this.scheme = scheme;
  }

  /** Whether the mean of each column, known from one half, makes the errors in the other half less. */
  meansHelp(rows: readonly Row[], some: readonly number[], [known, other]: readonly [Moments, Moments]): boolean {
    if (known.rows < 1 || other.rows < 1) return false;
    const [a, b] = [meansOf(known), meansOf(other)];
    const metrics = metricsOf(other, this.shape, { shrink: 0, centered: false, doubt: 0 });
    const tuned = this.round(rows, some, plain, other, false);
    let [off, left, all] = [0, 0, 0];
    for (const [k, r] of some.entries()) {
      const { group, w } = rows[r]!;
      const e = w.map((x, i) => x - tuned[k]!.values[i]!);
      const mean = (m: Float64Array): number => e.reduce((s, x, i) => s + x * m[this.shape.columnOf(group, i)]!, 0);
      off += mean(b) ** 2;
      left += (mean(b) - mean(a)) ** 2;
      all += errorIn(metrics[group]!, e);
    }
    return off - left > worthwhile * all;
  }

  /** The error on one half of rows that were rounded by the other half. */
  errorOn(
    rows: readonly Row[],
    some: readonly number[],
    way: Way,
    halves: readonly [Moments, Moments],
    centered: boolean,
  ): number {
    let sum = 0;
    const back = halves[0].rows < enough ? [halves.toReversed() as [Moments, Moments]] : [];
    for (const [known, other] of [halves, ...back]) {
      const metrics = metricsOf(other, this.shape, { shrink: 0, centered, doubt: 0 });
      for (const [k, t] of this.round(rows, some, way, known, centered).entries()) {
        const { group, w } = rows[some[k]!]!;
        sum += errorIn(
          metrics[group]!,
          w.map((x, i) => x - t.values[i]!),
        );
      }
    }
    return sum;
  }

  round(
    rows: readonly Row[],
    some: readonly number[] | undefined,
    way: Way,
    moments: Moments,
    centered: boolean,
  ): readonly TunedRow[] {
    const metrics = metricsOf(moments, this.shape, { shrink: way.shrink, centered });
    const feedback = new Map<number, readonly Feedback[]>();
    const of = (group: number): readonly Feedback[] => {
      let f = feedback.get(group);
      if (!f) {
        f = metrics[group]!.map(way.feedback ? feedbackOf : withoutFeedback);
        feedback.set(group, f);
      }
      return f;
    };
    return (some ?? rows.map((_, i) => i)).map((i) => this.roundRow(rows[i]!, of(rows[i]!.group), way));
  }

  private roundRow({ w }: Row, pieces: readonly Feedback[], way: Way): TunedRow {
    const { dtype, granularity } = this.scheme;
    if (dtype === "f16") return { values: way.feedback ? tuneHalves(w, pieces).values : w.map(roundF16) };
    const block = typeof granularity === "object" ? granularity.block : undefined;
    const options: RowOptions = {
      dtype,
      ...(block !== undefined && { block }),
      feedback: way.feedback,
      leastScale: way.clip ? (dtype === "i4" ? 0.55 : 0.85) : 1,
    };
    const rounded = tuneRow(w, pieces, options);
    const size = w.length / rounded.scales.length;
    return { values: rounded.codes.map((q, i) => Math.fround(q * rounded.scales[Math.floor(i / size)]!)), rounded };
  }

  gather(
    rows: readonly Row[],
    tuned: readonly TunedRow[],
    moments: Moments,
    centered: boolean,
    count: number,
  ): Pick<TunedLayer, "values" | "codes" | "scales" | "correction"> {
    const values = new Float32Array(count);
    const integers = tuned[0]?.rounded !== undefined;
    const codes = new Int8Array(integers ? count : 0);
    const scales: number[] = [];
    const correction = new Float32Array(rows.length);
    const means = meansOf(moments);
    for (const [k, { group, row, w }] of rows.entries()) {
      const t = tuned[k]!;
      let off = 0;
      for (let i = 0; i < w.length; i++) {
        const at = this.shape.weightAt(group, row, i);
        values[at] = t.values[i]!;
        if (t.rounded) codes[at] = t.rounded.codes[i]!;
        off += (w[i]! - t.values[i]!) * means[this.shape.columnOf(group, i)]!;
      }
      if (t.rounded) scales.push(...t.rounded.scales);
      correction[k] = off;
    }
    return {
      values,
      ...(integers && { codes, scales: Float64Array.from(scales) }),
      ...(centered && { correction }),
    };
  }
}
