import { type DType, dtypeInfo, roundTo } from "@tflower/core";
import type { Choose } from "../choose/choose.ts";

/**
 * What elements are like. `any`: small and large, NaN, infinities, -0, denormals. `moderate`: as `any`, but no magnitude beyond 4 that
 * is finite, so that sums do not drown what they add up. `ordered`: as `moderate`, without NaN. `finite`: neither NaN nor infinities either. Or a range, both ends included.
 */
export type Values = "any" | "moderate" | "ordered" | "finite" | { readonly min: number; readonly max: number };

/** How the elements of one tensor are drawn; the first is the simplest. */
export const manners = ["small", "ordinary", "special", "wide"] as const;
export type Manner = (typeof manners)[number];

const small = [0, 1, -1, 2, -2, 3, -3, 0.5, -0.5, 4, -4, 0.25, -0.25, 1.5, -1.5, 3.5];
const nonFinite = [-0, Number.NaN, Infinity, -Infinity];
const extremes = [
  2 ** -149,
  -(2 ** -149),
  2 ** -140,
  2 ** -126,
  -(2 ** -126),
  2 ** -24,
  3.4028234663852886e38,
  -3.4028234663852886e38,
  1e30,
  -1e30,
  65504,
  2 ** 24 + 2,
  16777215,
  88.75,
  89,
  -87.5,
  -104,
  0.1,
  -0.1,
  2 ** 31,
  -(2 ** 31) - 256,
  1e-7,
  20.5,
  -20.5,
];

/** A grid fine enough that most elements use all bits of a float32. */
const grid = 2 ** 25;
const onGrid = (code: number): number => (code - grid / 2) / (grid / 8);

function drawFloat(choose: Choose, manner: Manner, values: Values, dtype: DType): number {
  const round = roundTo(dtype) ?? Math.fround;
  if (typeof values === "object") {
    const steps = 2 ** 20;
    return round(values.min + ((values.max - values.min) * choose.below(steps + 1)) / steps);
  }
  if (manner === "small") return small[choose.below(small.length)]!;
  if (manner === "ordinary") return round(onGrid(grid / 2 + signed(choose.below(grid))));
  if (manner === "special") {
    const specials =
      values === "any"
        ? [...nonFinite, ...extremes]
        : nonFinite.filter((v) => values === "moderate" || !Number.isNaN(v));
    const count = small.length + specials.length;
    const code = choose.skewed(count, (u) =>
      Math.floor(u < 0.5 ? u * 2 * small.length : small.length + (u - 0.5) * 2 * specials.length),
    );
    return code < small.length ? small[code]! : round(specials[code - small.length]!);
  }
  // any bits at all: every exponent is as likely
  const bits = new Uint32Array([choose.below(2 ** 32)]);
  return round(new Float32Array(bits.buffer)[0]!);
}

/** 0, 1, 2, 3, ... as 0, 1, -1, 2, ...: the closer to zero the simpler. */
const signed = (code: number): number => (code % 2 === 0 ? -code / 2 : (code + 1) / 2);

function drawInteger(choose: Choose, manner: Manner, values: Values, dtype: DType): bigint {
  const { bits, kind } = dtypeInfo(dtype);
  const wrap = (v: bigint): bigint =>
    kind === "uint" ? BigInt.asUintN(bits, v < 0n ? -v : v) : BigInt.asIntN(bits, v);
  if (typeof values === "object") return BigInt(choose.between(Math.ceil(values.min), Math.floor(values.max)));
  if (manner === "small") return wrap(BigInt(signed(choose.below(16))));
  if (manner === "ordinary" || values !== "any") return wrap(BigInt(signed(choose.below(200))));
  const half = 2n ** BigInt(bits - 1);
  const ends = [
    half - 1n,
    -half,
    half - 2n,
    -half + 1n,
    2n ** BigInt(bits >> 1),
    2n ** 24n + 1n,
    2n ** 31n,
    -(2n ** 31n) - 1n,
    2n ** 53n + 1n,
  ].map((v) => (kind === "uint" ? BigInt.asUintN(bits, v) : v));
  const fitting = ends.filter((v) => wrap(v) === v);
  if (manner === "special") {
    const code = choose.below(16 + fitting.length);
    return code < 16 ? wrap(BigInt(signed(code))) : fitting[code - 16]!;
  }
  return wrap((BigInt(choose.below(2 ** 32)) << 32n) | BigInt(choose.below(2 ** 32)));
}

/** A manner that suits the values wanted. */
export function drawManner(choose: Choose, values: Values): Manner {
  if (typeof values === "object") return "ordinary";
  const count = values === "any" ? 4 : values === "finite" ? 2 : 3;
  return manners[choose.below(count)]!;
}

/** One element of `dtype`. */
export function drawElement(choose: Choose, dtype: DType, manner: Manner, values: Values): number | bigint {
  const { kind } = dtypeInfo(dtype);
  if (kind === "bool") return choose.below(2);
  if (kind === "float" || kind === "complex") return drawFloat(choose, manner, values, dtype);
  return drawInteger(choose, manner, values, dtype);
}
