import { type Graph, isFloat, type Module, numbersOf, type TensorData, type Value } from "@tflower/core";
import type { Calibration, WhichSamples } from "../calibration.ts";

/** What a program computed from samples, to compare other forms of it with. */
export type Outputs = ReadonlyMap<string, ArrayLike<number>>;

/** Samples that forms of a program are compared on. */
const samples = 16;
/** More elements of one output than these are thinned out. */
const most = 1 << 18;

/** Outputs of the module as it is now. */
export async function outputsOf(
  module: Module,
  graph: Graph,
  observe: NonNullable<Calibration["observe"]>,
  which: WhichSamples = samples,
): Promise<Outputs> {
  const out = new Map<string, ArrayLike<number>>();
  const wanted = new Set(graph.outputs_.filter((v) => v.producer && isFloat(v.type.dtype)));
  if (wanted.size === 0) return out;
  const places = new Map<Value, number>([...wanted].map((v) => [v, graph.outputs_.indexOf(v)]));
  const look = (value: Value, data: TensorData, sample: number): void => {
    const x = numbersOf(data);
    const step = Math.max(1, Math.ceil(x.length / most));
    const kept = new Float32Array(Math.ceil(x.length / step));
    for (let i = 0; i < kept.length; i++) kept[i] = x[i * step]!;
    out.set(`${sample}.${places.get(value)}`, kept);
  };
  await observe(module, new Map([[graph, wanted]]), look, which);
  return out;
}

/** The squared error of outputs, as a share of what is right: 0 where all is. Each output counts alike, however large its numbers are. */
export function outputError(right: Outputs, got: Outputs): number {
  const errors = new Map<string, { error: number; power: number }>();
  for (const [key, want] of right) {
    const have = got.get(key);
    const name = key.slice(key.indexOf(".") + 1);
    const sum = errors.get(name) ?? { error: 0, power: 0 };
    errors.set(name, sum);
    for (let i = 0; i < want.length; i++) {
      const d = (have?.[i] ?? Number.NaN) - want[i]!;
      if (!Number.isFinite(want[i]!)) continue;
      sum.error += Number.isFinite(d) ? d * d : want[i]! ** 2;
      sum.power += want[i]! ** 2;
    }
  }
  const shares = [...errors.values()].filter((s) => s.power > 0).map((s) => s.error / s.power);
  return shares.length ? shares.reduce((a, b) => a + b, 0) / shares.length : 0;
}

/** A share of error as people read it. */
export const decibels = (share: number): string =>
  share > 0 ? `${(-10 * Math.log10(share)).toFixed(1)} dB` : "no error at all";
