import { type Graph, isFloat, staticShape, type TensorData } from "@tflower/core";
import { realsOf } from "../compare/tensor-error.ts";
import { countRight } from "./evaluation-set.ts";

/** How far one value is from what it should be, over all samples. */
export interface Closeness {
  /** Signal to noise in decibels: `Infinity` when equal, `-Infinity` where one has a NaN or an infinity that the other has not. */
  readonly snr: number;
  /** Cosine of the angle between the two, as vectors. */
  readonly cosine: number;
  /** Largest difference. */
  readonly maxAbs: number;
}

/** How far a quantized program is from the float one. */
export interface Quality {
  readonly samples: number;
  readonly outputs: readonly (Closeness & { readonly name: string })[];
  /** That of the worst output. */
  readonly snr: number;
  /** Share of rows of output 0 whose highest score is at the label, where there are labels. */
  readonly accuracy?: number;
}

/** Sums up differences, one tensor after the other. */
export class ClosenessSum {
  private signal = 0;
  private noise = 0;
  private power = 0;
  private dot = 0;
  private maxAbs = 0;
  private broken = false;

  /** `got` beside `want`: reals, in one order. */
  add(want: ArrayLike<number>, got: ArrayLike<number>): void {
    if (want.length !== got.length) this.broken = true;
    for (let i = 0; i < got.length && !this.broken; i++) {
      const [w, g] = [want[i]!, got[i]!];
      if (!Number.isFinite(w) || !Number.isFinite(g)) {
        if (!Object.is(w, g)) this.broken = true;
        continue;
      }
      const d = Math.abs(w - g);
      this.signal += w * w;
      this.power += g * g;
      this.dot += w * g;
      this.noise += d * d;
      if (d > this.maxAbs) this.maxAbs = d;
    }
  }
  get result(): Closeness {
    if (this.broken) return { snr: Number.NEGATIVE_INFINITY, cosine: Number.NaN, maxAbs: Number.POSITIVE_INFINITY };
    const both = Math.sqrt(this.signal * this.power);
    return {
      snr: this.noise === 0 ? Number.POSITIVE_INFINITY : 10 * Math.log10(this.signal / this.noise),
      cosine: both === 0 ? (this.noise === 0 ? 1 : 0) : this.dot / both,
      maxAbs: this.maxAbs,
    };
  }
}

/** Compares what two programs gave for the same samples. Outputs that are no reals count where there are no others. */
export function qualityOf(
  graph: Graph,
  want: readonly (readonly TensorData[])[],
  got: readonly (readonly TensorData[])[],
  labels?: readonly TensorData[],
): Quality {
  const reals = graph.outputs.map((v) => isFloat(v.type.dtype) || v.type.quant !== undefined);
  const counted = reals.some((r) => r) ? reals : reals.map(() => true);
  const outputs = graph.outputs.flatMap((_, i) => {
    if (!counted[i]) return [];
    const sum = new ClosenessSum();
    for (const [s, sample] of want.entries()) sum.add(realsOf(sample[i]!), realsOf(got[s]![i]!));
    return [{ name: graph.outputNames[i] ?? `output_${i}`, ...sum.result }];
  });
  return {
    samples: want.length,
    outputs,
    snr: Math.min(Number.POSITIVE_INFINITY, ...outputs.map((o) => o.snr)),
    ...(labels && { accuracy: accuracyOf(got, labels) }),
  };
}

/** Share of rows of output 0 that are right. */
export function accuracyOf(got: readonly (readonly TensorData[])[], labels: readonly TensorData[]): number {
  let [right, all] = [0, 0];
  for (const [s, sample] of got.entries()) {
    const scores = sample[0]!;
    const [r, n] = countRight(realsOf(scores), staticShape(scores.type.shape), labels[s]!);
    right += r;
    all += n;
  }
  return all === 0 ? Number.NaN : right / all;
}
