import { allocate, countOf, type NumberCarrier, staticShape, type TensorData, tensor, wrap } from "@tflower/core";
import { axesOf } from "../axes.ts";
import { reduceAxes, reductions } from "../reductions.ts";
import { clampCode, type Grid, gridOf } from "./codes.ts";
import { multiplierOf, roundAway, scaleTwice } from "./fixed-point.ts";
import type { EvaluateQuantized } from "./quantized-kernel.ts";

const f = Math.fround;

/** Sums of codes over axes, each made a code of the result; `count` codes went into one. */
const sumsOfCodes =
  (rule: (from: Grid, to: Grid, count: number) => (sum: number) => number): EvaluateQuantized =>
  ({ input }, attrs, [type]) => {
    const x = input as TensorData;
    const [from, to] = [gridOf(x.type), gridOf(type)];
    if (!from || !to || from.dtype !== to.dtype || x.data.length === 0) return undefined;
    const shape = staticShape(type!.shape);
    const axes = axesOf(attrs["axes"] as readonly number[], x.type.shape.length);
    const sums = reduceAxes(tensor("f64", shape), { ...x, type: { ...x.type, dtype: "i32" } }, axes, reductions.sum);
    const code = rule(from, to, x.data.length / countOf(shape));
    const out = allocate(to.dtype, sums.data.length) as NumberCarrier;
    for (let i = 0; i < out.length; i++) out[i] = clampCode(code(sums.data[i] as number), to.low, to.high);
    return wrap(type!, out);
  };

/** The division by the number of elements is part of the mantissa. */
export const meanCodes = sumsOfCodes((from, to, count) => {
  const { mantissa, shift } = multiplierOf(from.scale / to.scale);
  const bits = Math.min(31 - Math.clz32(count), 32, 31 + shift);
  const m = { mantissa: Number((BigInt(mantissa) << BigInt(bits)) / BigInt(count)), shift: shift - bits };
  return (sum) => to.zero + scaleTwice(sum - from.zero * count, m);
});

/** In single precision. */
export const sumCodes = sumsOfCodes((from, to, count) => {
  const scale = f(from.scale / to.scale);
  const offset = f(f(-from.zero * scale) * count);
  return (sum) => roundAway(f(f(f(sum) * scale) + offset)) + to.zero;
});
