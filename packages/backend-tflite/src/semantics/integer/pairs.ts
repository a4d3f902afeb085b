import type { TensorData } from "@tflower/core";
import type { FusedActivation } from "../../dialect/define-tfl.ts";
import { mapPairs } from "../pointwise.ts";
import { activatedRange, clampCode, type Grid, gridOf } from "./codes.ts";
import { multiplierOf, scaleTwice } from "./fixed-point.ts";
import type { EvaluateQuantized } from "./quantized-kernel.ts";

type PairRule = (a: Grid, b: Grid, to: Grid) => (x: number, y: number) => number;

/** An op on pairs of codes, all of one dtype; the rule gets codes as they are, and gives one that is not clamped yet. */
const pairs =
  (rule: PairRule): EvaluateQuantized =>
  ({ lhs, rhs }, attrs, [type]) => {
    const [x, y] = [lhs as TensorData, rhs as TensorData];
    const [a, b, to] = [gridOf(x.type), gridOf(y.type), gridOf(type)];
    if (!a || !b || !to || a.dtype !== to.dtype || b.dtype !== to.dtype) return undefined;
    const f = rule(a, b, to);
    const [low, high] = activatedRange(to, (attrs["fused_activation_function"] ?? "NONE") as FusedActivation);
    return mapPairs(type!, x, y, (i, j) => clampCode(f(i, j), low, high));
  };

/** Both sides at a common scale with spare bits, added, and scaled to the result. */
const sum =
  (sign: 1 | -1): PairRule =>
  (a, b, to) => {
    const bits = to.dtype === "i16" ? 15 : 20;
    const twice = 2 * Math.max(a.scale, b.scale);
    const [ma, mb] = [multiplierOf(a.scale / twice), multiplierOf(b.scale / twice)];
    const mo = multiplierOf(twice / (2 ** bits * to.scale));
    return (x, y) =>
      to.zero + scaleTwice(scaleTwice((x - a.zero) << bits, ma) + sign * scaleTwice((y - b.zero) << bits, mb), mo);
  };

export const addCodes = pairs(sum(1));
export const subtractCodes = pairs(sum(-1));
export const multiplyCodes = pairs((a, b, to) => {
  const m = multiplierOf(Math.fround(Math.fround(a.scale * b.scale) / to.scale));
  return (x, y) => to.zero + scaleTwice(Math.imul(x - a.zero, y - b.zero), m);
});

export const squaredDifferenceCodes = pairs((a, b, to) => {
  const twice = 2 * Math.max(a.scale, b.scale);
  const [ma, mb] = [multiplierOf(a.scale / twice), multiplierOf(b.scale / twice)];
  const mo = multiplierOf((twice * twice) / (2 ** 14 * to.scale));
  return (x, y) => {
    const difference = scaleTwice((x - a.zero) * 128, ma) - scaleTwice((y - b.zero) * 128, mb);
    return to.zero + scaleTwice(Math.imul(difference, difference), mo);
  };
});
