import { tfl } from "@tflower/backend-tflite";
import {
  type DType,
  dataOf,
  type Emit,
  numbersOf,
  type Rejection,
  reject,
  tensorData,
  type Value,
} from "@tflower/core";
import type { Grouping, ScaleRule } from "../semantics/affine-quantization.ts";
import { convertTo, float } from "./convert.ts";
import { add, atLeast, atMost, div, mul, select, sub } from "./pointwise.ts";
import { reshapeTo } from "./rearrange.ts";

/** Scale and zero point, as values. */
export interface Parameters {
  readonly scale: Value;
  readonly zero: Value | undefined;
}
type Operands = Readonly<Record<string, Value | undefined>>;
type Attrs = Readonly<Record<string, unknown>>;

/** Parameters in the shape of a grouping, as float32; those that are attributes have no axes. */
export function readParameters(emit: Emit, operands: Operands, attrs: Attrs, g: Grouping): Parameters | Rejection {
  const as = (name: string): Value | undefined => {
    const v = operands[name] ?? operands[`${name}s`];
    const number = attrs[name];
    if (v) return reshapeTo(emit, convertTo(emit, v, "f32"), g.scales);
    return number === undefined ? undefined : float(emit, Number(number));
  };
  const given = operands["scale"] ?? operands["scales"];
  if (given && given.type.dtype !== "f32") return reject(`takes scales of float32, got ${given.type.dtype}`);
  const zero = as("zero_point");
  const data = zero && dataOf(zero);
  return { scale: as("scale")!, zero: data && Array.from(numbersOf(data)).every((z) => z === 0) ? undefined : zero };
}

const reciprocal = (emit: Emit, scale: Value): Value => {
  const data = dataOf(scale);
  if (!data) return div(emit, float(emit, 1), scale);
  const inverse = Array.from(numbersOf(data), (s) => 1 / s);
  return emit.constant(tensorData("f32", data.type.shape, inverse));
};

/** Reals as integers, by arithmetic of floats: for integers that no type in the file says the meaning of. */
export function quantize(
  emit: Emit,
  x: Value,
  g: Grouping,
  p: Parameters,
  [low, high]: readonly [Value, Value],
  dtype: DType,
  shiftsFirst: boolean,
): Value {
  const round = (v: Value): Value => emit(tfl.round, { input: v });
  const shift = (v: Value): Value => (p.zero ? add(emit, v, p.zero) : v);
  const scaled = mul(emit, reshapeTo(emit, x, g.tensor), reciprocal(emit, p.scale));
  const codes = shiftsFirst ? round(shift(scaled)) : shift(round(scaled));
  return reshapeTo(emit, convertTo(emit, atMost(emit, atLeast(emit, codes, low), high), dtype), x.type.shape);
}

/** Integers as the reals that they stand for. */
export function dequantize(emit: Emit, x: Value, g: Grouping, p: Parameters, dtype: DType): Value {
  const codes = reshapeTo(emit, convertTo(emit, x, "f32"), g.tensor);
  const reals = mul(emit, p.zero ? sub(emit, codes, p.zero) : codes, p.scale);
  return convertTo(emit, reshapeTo(emit, reals, x.type.shape), dtype);
}

/** Scale and zero point for what each slice of `x` spans. */
export function chooseParameters(
  emit: Emit,
  x: Value,
  g: Grouping,
  { symmetric, codes: [low, high], least, middle, nearerEnd }: ScaleRule,
): readonly [scale: Value, zero: Value] {
  const input = reshapeTo(emit, x, g.tensor);
  const axes = g.tensor.flatMap((d, i) => (g.scales[i] === d ? [] : [i]));
  const whole = { axes, keep_dims: true };
  const [lowest, highest] = axes.length
    ? [emit(tfl.reduceMin, { input }, whole), emit(tfl.reduceMax, { input }, whole)]
    : [input, input];
  const min = atMost(emit, lowest, float(emit, 0));
  const max = atLeast(emit, highest, float(emit, 0));
  if (symmetric) {
    const most = atLeast(emit, emit(tfl.neg, { input: min }), max);
    const scale = atLeast(emit, div(emit, most, float(emit, (high - low) / 2)), float(emit, least));
    return [scale, add(emit, mul(emit, scale, float(emit, 0)), float(emit, middle))];
  }
  const wide = div(emit, sub(emit, max, min), float(emit, high - low));
  const scale = atLeast(emit, wide, float(emit, least));
  const within = (v: Value): Value => atMost(emit, atLeast(emit, v, float(emit, low)), float(emit, high));
  const down = div(emit, min, scale);
  if (!nearerEnd) return [scale, within(sub(emit, float(emit, low), emit(tfl.round, { input: down })))];
  const up = div(emit, max, scale);
  const errors = add(emit, add(emit, float(emit, low), down), add(emit, float(emit, high), up));
  const zero = select(
    emit,
    emit(tfl.greater, { lhs: errors, rhs: float(emit, 0) }),
    sub(emit, float(emit, low), down),
    sub(emit, float(emit, high), up),
  );
  return [scale, emit(tfl.round, { input: within(zero) })];
}
