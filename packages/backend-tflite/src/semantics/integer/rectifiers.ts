import type { TensorData } from "@tflower/core";
import { mapPairs } from "../pointwise.ts";
import { clampCode, gridOf } from "./codes.ts";
import { multiplierOf, roundAway, scaleTwice } from "./fixed-point.ts";
import type { EvaluateQuantized } from "./quantized-kernel.ts";
import { unaryCodes } from "./unary.ts";

const f = Math.fround;

/** Codes at another grid, held between two reals; an end that is not finite is that of the codes. */
export const clippedCodes = (low: number, high: number): EvaluateQuantized =>
  unaryCodes((from, to) => {
    const m = multiplierOf(f(from.scale / to.scale));
    const code = (v: number): number => to.zero + roundAway(f(v / to.scale));
    const least = Number.isFinite(low) ? Math.max(to.low, code(low)) : to.low;
    const most = Number.isFinite(high) ? Math.min(to.high, code(high)) : to.high;
    return (x) => clampCode(to.zero + scaleTwice(x - from.zero, m), least, most);
  });

export const leakyReluCodes = unaryCodes((from, to, attrs) => {
  const alpha = f(attrs["alpha"] as number);
  const whole = multiplierOf(f(from.scale / to.scale));
  const part = multiplierOf(Math.abs(f(f(from.scale * alpha) / to.scale)));
  return (code) => {
    const x = code - from.zero;
    if (x >= 0) return to.zero + scaleTwice(x, whole);
    return to.zero + Math.sign(alpha) * scaleTwice(x, part);
  };
});

export const preluCodes: EvaluateQuantized = ({ input, alpha }, _, [type]) => {
  const [x, a] = [input as TensorData, alpha as TensorData];
  const [from, slope, to] = [gridOf(x.type), gridOf(a.type), gridOf(type)];
  if (!from || !slope || !to || from.dtype !== to.dtype || slope.dtype !== to.dtype) return undefined;
  const whole = multiplierOf(f(from.scale / to.scale));
  const part = multiplierOf(f(f(from.scale * slope.scale) / to.scale));
  return mapPairs(type!, x, a, (i, j) => {
    const v = i - from.zero;
    const y = v >= 0 ? scaleTwice(v, whole) : scaleTwice(Math.imul(v, j - slope.zero), part);
    return clampCode(to.zero + y, to.low, to.high);
  });
};

export const absCodes = unaryCodes((from, to) => {
  const m = multiplierOf(f(from.scale / to.scale));
  return (code) => {
    const size = Math.abs(code - from.zero);
    return to.zero + (from.scale === to.scale ? size : scaleTwice(size, m));
  };
});
