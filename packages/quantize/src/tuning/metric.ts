import type { LayerShape } from "./layer.ts";
import { type Moments, meansOf } from "./moments.ts";

/** What an error of weights costs at the output: the sum of squares `e H e`, for columns that belong together. */
export interface Metric {
  /** First column of the group, and how many. */
  readonly from: number;
  readonly size: number;
  readonly h: Float64Array;
}

/** Columns are taken to be alike as far as this many rows would say so: the squares of few rows tell little of those to come. */
const usualDoubt = 8;

/** Where columns depend on one another by chance, they are taken to do so less: this share of their products is left out. */
export interface MetricOptions {
  readonly shrink: number;
  /** Errors that are the same for all rows cost nothing, because a bias takes them. */
  readonly centered: boolean;
  /** Rows that columns being alike weighs as much as; 0 where what was seen is all there is. */
  readonly doubt?: number;
}

/** The metrics of the groups, each a list of pieces in the order of columns. */
export function metricsOf(moments: Moments, shape: LayerShape, o: MetricOptions): readonly (readonly Metric[])[] {
  const means = meansOf(moments);
  const out: Metric[][] = Array.from({ length: shape.groups }, () => []);
  for (const { group, from, size, products } of moments.pieces) {
    const h = new Float64Array(size * size);
    const seen = moments.rows / Math.max(1, moments.rows + (o.doubt ?? usualDoubt));
    const mean = Float64Array.from({ length: size }, (_, i) => means[shape.columnOf(group, from + i)]!);
    let trace = 0;
    for (let i = 0; i < size; i++)
      for (let j = 0; j < size; j++) {
        const v = products[i * size + j]! / Math.max(1, moments.rows) - (o.centered ? mean[i]! * mean[j]! : 0);
        if (i === j) trace += Math.max(v, 0);
        h[i * size + j] = i === j ? Math.max(v, 0) : v * (1 - o.shrink) * seen;
      }
    // columns that never were anything else than zero have no say; a little keeps the factors finite
    const least = Math.max((trace / size) * 1e-4, 1e-30);
    const usual = (1 - seen) * (trace / size) + least;
    for (let i = 0; i < size; i++) h[i * size + i]! = seen * h[i * size + i]! + usual;
    out[group]!.push({ from, size, h });
  }
  return out;
}

/** `e H e` of a row of errors. */
export function errorIn(pieces: readonly Metric[], e: Float64Array): number {
  let sum = 0;
  for (const { from, size, h } of pieces)
    for (let i = 0; i < size; i++) {
      const x = e[from + i]!;
      if (x === 0) continue;
      let dot = 0;
      for (let j = 0, at = i * size; j < size; j++, at++) dot += h[at]! * e[from + j]!;
      sum += x * dot;
    }
  return sum;
}
