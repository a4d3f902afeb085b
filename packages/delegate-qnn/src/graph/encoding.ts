import { countOf, type Quantization, staticShape, type TensorType } from "@tflower/core";
import { refuse } from "./refusal.ts";

/**
 * How a tensor's integers stand for reals, in QNN's sign: `real = (q + offset) * scale`, so an offset is a negated zero point.
 * `bitwidth` is there where fewer bits count than the element has.
 */
export type QnnEncoding =
  | { readonly kind: "scale-offset"; readonly scale: number; readonly offset: number; readonly bitwidth?: number }
  | {
      readonly kind: "axis";
      readonly axis: number;
      readonly scales: readonly number[];
      readonly offsets: readonly number[];
      readonly bitwidth?: number;
    };

const negated = (n: number): number => (n === 0 ? 0 : -n);

/** The encoding of a quantized type; `undefined` of any other. */
export function encodingOf(t: TensorType): QnnEncoding | undefined {
  const q = t.quant;
  if (!q) return undefined;
  if (q.block !== undefined)
    refuse(
      `weights quantized in blocks of ${q.block} have no form on the HTP that tflower writes`,
      "quantize weights per channel",
    );
  const bits = t.dtype === "i4" ? { bitwidth: 4 } : {};
  if (q.axis === undefined || q.scales.length === 1)
    return { kind: "scale-offset", scale: q.scales[0] ?? 1, offset: negated(q.zeroPoints[0] ?? 0), ...bits };
  return {
    kind: "axis",
    axis: q.axis,
    scales: q.scales,
    offsets: q.scales.map((_, i) => negated(q.zeroPoints[i] ?? q.zeroPoints[0] ?? 0)),
    ...bits,
  };
}

/** Whether two types have one scale and zero point in common. */
export function sameScales(a: TensorType, b: TensorType): boolean {
  const same = (x: readonly number[], y: readonly number[]): boolean =>
    x.length === y.length && x.every((v, i) => v === y[i]);
  if (!a.quant || !b.quant) return !a.quant === !b.quant;
  return same(a.quant.scales, b.quant.scales) && same(a.quant.zeroPoints, b.quant.zeroPoints);
}

/** The reals that the integers of a type reach. */
export function rangeOf(t: TensorType): readonly [number, number] | undefined {
  const limits = { i8: [-128, 127], u8: [0, 255], i16: [-32768, 32767], u16: [0, 65535] } as const;
  const own = limits[t.dtype as keyof typeof limits];
  const q: Quantization | undefined = t.quant;
  if (!own || !q || q.scales.length !== 1) return undefined;
  const zero = q.zeroPoints[0] ?? 0;
  return [(own[0] - zero) * q.scales[0]!, (own[1] - zero) * q.scales[0]!];
}

/** Elements of a type whose extents are all known. */
export const elementsOf = (t: TensorType): number => countOf(staticShape(t.shape));
