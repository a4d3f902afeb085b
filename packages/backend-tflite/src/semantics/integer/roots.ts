import { allocate, type NumberCarrier, type TensorData, wrap } from "@tflower/core";
import { extentsOf } from "../axes.ts";
import { clampCode, gridOf } from "./codes.ts";
import { multiplierOf, scaleTwice } from "./fixed-point.ts";
import { tableRule } from "./look-up.ts";
import { inverseRoot } from "./newton.ts";
import type { EvaluateQuantized } from "./quantized-kernel.ts";
import { type CodeRule, unaryCodes } from "./unary.ts";

const f = Math.fround;

/** Bits after the point of the root in {@link rsqrt8}. */
const spare = 20;
const rsqrt8: CodeRule = (from, to) => {
  const m = multiplierOf(1 / f(f(Math.sqrt(from.scale)) * to.scale));
  return (code) => {
    const x = code - from.zero;
    // the kernel refuses negative numbers
    if (x <= 0) return to.high;
    const root = inverseRoot(x);
    const fixed = scaleTwice(1, { mantissa: root.mantissa, shift: root.shift + spare });
    return to.zero + scaleTwice(fixed, { mantissa: m.mantissa, shift: m.shift - spare });
  };
};
const rsqrt16 = tableRule((x, _, high) => (x <= 0 ? high : 1 / f(Math.sqrt(x))), ["i16"]);
export const rsqrtCodes = unaryCodes((from, to, attrs) =>
  from.dtype === "u8" ? undefined : (from.dtype === "i16" ? rsqrt16 : rsqrt8)(from, to, attrs),
);

/** The fraction is cut off, not rounded. */
export const sqrtCodes = unaryCodes((from, to) =>
  from.dtype === "u8"
    ? undefined
    : (code) => {
        const x = f(from.scale * (code - from.zero));
        // the kernel refuses negative numbers
        return x < 0 ? to.high : to.zero + Math.trunc(f(f(Math.sqrt(x)) / to.scale));
      },
);

/** Rows over their lengths. */
export const l2NormalizationCodes: EvaluateQuantized = ({ input }, _, [type]) => {
  const x = input as TensorData;
  const [from, to] = [gridOf(x.type), gridOf(type)];
  if (!from || !to || from.dtype !== to.dtype || from.dtype === "i16") return undefined;
  const n = extentsOf(x).at(-1) ?? 1;
  const codes = x.data as NumberCarrier;
  const out = allocate(to.dtype, codes.length) as NumberCarrier;
  for (let at = 0; at < codes.length; at += n) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += (codes[at + i]! - from.zero) ** 2;
    const root = inverseRoot(sum);
    // the kernel of unsigned bytes shifts first, that of signed ones last
    const [before, m] = from.dtype === "u8" ? [128, root] : [1, { mantissa: root.mantissa, shift: root.shift + 7 }];
    for (let i = 0; i < n; i++)
      out[at + i] = clampCode(to.zero + scaleTwice(before * (codes[at + i]! - from.zero), m), to.low, to.high);
  }
  return wrap(type!, out);
};
