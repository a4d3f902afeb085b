import { type DType, dtypeInfo, type Quantization, type TensorData, type TensorType, tensor } from "@tflower/core";
import type fc from "fast-check";
import type { Slot } from "../application/sample.ts";
import { drawShape, type ShapeOptions } from "../arbitrary/shapes.ts";
import { drawTensor } from "../arbitrary/tensors.ts";
import type { Choose } from "../choose/choose.ts";
import { drawn } from "../choose/drawn.ts";

/** What a drawn quantization keeps to. */
export interface QuantizationOptions {
  /** About how large the scale is: it is drawn from a fourth of this to four times this. */
  readonly near?: number;
  /** Zero point 0, as weights and 16-bit activations have. */
  readonly symmetric?: boolean;
}

/** Least and largest code of a dtype. */
export function codesOf(dtype: DType): { readonly min: number; readonly max: number } {
  const { bits, kind } = dtypeInfo(dtype);
  return kind === "uint" ? { min: 0, max: 2 ** bits - 1 } : { min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 };
}

/** A scale that a float32 holds. Powers of two are likely, since only they make ties that rounding must break. */
export function drawScale(choose: Choose, near = 2 ** -4): number {
  const exponent = Math.round(Math.log2(near)) + choose.pick([0, 1, -1, 2, -2]);
  const mantissa = choose.maybe(0.6) ? 1 + choose.below(2 ** 23) / 2 ** 23 : 1;
  return Math.fround(mantissa * 2 ** exponent);
}

/** A zero point of a dtype: 0, an end of the range, or any. */
export function drawZeroPoint(choose: Choose, dtype: DType): number {
  const { min, max } = codesOf(dtype);
  const kind = choose.below(4);
  return kind === 0 ? (min === 0 ? 128 : 0) : kind === 1 ? min : kind === 2 ? max : choose.between(min, max);
}

/** One scale and one zero point. */
export function drawQuantization(choose: Choose, dtype: DType, o: QuantizationOptions = {}): Quantization {
  const symmetric = o.symmetric || dtype === "i16" || dtype === "i32" || dtype === "i64";
  return { scales: [drawScale(choose, o.near)], zeroPoints: [symmetric ? 0 : drawZeroPoint(choose, dtype)] };
}

/** Weights: symmetric, with one scale, or one for each channel of `axis`. */
export function drawWeightQuantization(
  choose: Choose,
  shape: readonly number[],
  axis: number,
  perChannel = choose.maybe(0.7),
): Quantization {
  if (!perChannel) return { scales: [drawScale(choose, 2 ** -7)], zeroPoints: [0] };
  const scales = Array.from({ length: shape[axis]! }, () => drawScale(choose, 2 ** -7));
  return { scales, zeroPoints: scales.map(() => 0), axis };
}

/** A slot of quantized elements, every code as likely as another. */
export const codeSlot = (
  dtype: DType,
  shape: readonly number[],
  quant: Quantization,
  o: Omit<Slot, "type" | "values"> = {},
): Slot => ({ type: tensor(dtype, shape, quant), values: codesOf(dtype), ...o });

/** A slot of weights: as {@link codeSlot}, without the least code, which kernels on floats do not reckon with. */
export const weightSlot = (dtype: DType, shape: readonly number[], quant: Quantization): Slot => {
  const { max } = codesOf(dtype);
  return { type: tensor(dtype, shape, quant), values: { min: -max, max }, constant: true };
};

/** A slot of whole numbers without a quantization, or with one that is there for its scale only. */
export const wholeSlot = (type: TensorType, most: number, o: Omit<Slot, "type" | "values"> = {}): Slot => ({
  type,
  values: { min: -Math.floor(most), max: Math.floor(most) },
  ...o,
});

/** Quantizations of activations. */
export const quantizations = (dtype: DType, o: QuantizationOptions = {}): fc.Arbitrary<Quantization> =>
  drawn((choose) => drawQuantization(choose, dtype, o), "quantization");

/** Tensors of codes, every code as likely as another, with a quantization and a shape that know nothing of one another. */
export const quantizedTensors = (dtype: DType, o: QuantizationOptions & ShapeOptions = {}): fc.Arbitrary<TensorData> =>
  drawn((choose) => {
    const { type, values } = codeSlot(dtype, drawShape(choose, o), drawQuantization(choose, dtype, o));
    return drawTensor(choose, type, values);
  }, "quantized tensor");
