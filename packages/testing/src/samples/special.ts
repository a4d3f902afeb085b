import type { DType, OpDef } from "@tflower/core";
import { aten } from "@tflower/ops-aten";
import { defineSample, type Sample, slot } from "../application/sample.ts";
import { drawBroadcastable, drawShape } from "../arbitrary/shapes.ts";

const awayFromPoles = { min: -1.5, max: 1.5 } as const;
/** Kernels are off by 2.5e-7 of an angle's sine or cosine: much of it near a zero. */
const trigonometric = new Map<OpDef, Pick<Sample, "tolerance" | "kernels">>([
  [aten.cos, { tolerance: { ulp: 4, atol: 2.5e-7 } }],
  [aten.sin, { kernels: { atol: 2.5e-7 } }],
  [aten.sinc, { kernels: { atol: 2.5e-7 } }],
  [aten.tan, { kernels: { atol: 5e-7 } }],
]);

/**
 * Special functions, by formulas in float32 steps. How far these must be off is known: near a zero that is no round number the terms
 * cancel to within half a unit of theirs (the digamma function's at 1.46 are about one, below zero up to ten), and a tail of the normal distribution at `x`
 * magnifies the rounding of `x` by `x * x`, which is 85 ULP where float32 ends. PyTorch's own kernels are off by 3.5e-6 and thousands
 * of ULP there.
 */
export const specialSamples: readonly Sample[] = [
  { op: aten.digamma, tolerance: { ulp: 64, atol: 2e-6 } },
  defineSample(
    aten.polygamma,
    (choose) => ({
      operands: { self: slot("f32", drawShape(choose, { maxRank: 3 }), { values: "any", constant: false }) },
      // only the digamma function has a form
      attrs: { n: choose.maybe(0.2) ? 1 : 0 },
    }),
    { tolerance: { ulp: 64, atol: 2e-6 } },
  ),
  // some kernels reduce angles in single precision, and a cosine is a sum of terms of about one
  ...[aten.sin, aten.cos, aten.tan, aten.sinc].map((op) =>
    defineSample(
      op,
      (choose) => ({
        operands: {
          self: slot("f32", drawShape(choose), {
            values: op === aten.tan ? awayFromPoles : choose.maybe(0.3) ? "moderate" : { min: -40, max: 40 },
            constant: false,
          }),
        },
      }),
      trigonometric.get(op) ?? {},
    ),
  ),
  // the tail is one less the error function, in the kernel as in PyTorch's
  { op: aten.gelu, tolerance: { ulp: 8, atol: 2 ** -126 }, kernels: { atol: 1e-6 } },
  { op: aten.lgamma, tolerance: { ulp: 16, atol: 2e-6 } },
  // a sum of p of them
  { op: aten.mvlgamma, tolerance: { ulp: 32, atol: 1e-5 } },
  ...[aten.specialNdtr, aten.specialLogNdtr].map((op) => ({ op, tolerance: { ulp: 96, atol: 2 ** -126 } })),
  // rational functions, which a few exponentials multiply
  ...[aten.i0, aten.specialI0e, aten.specialI1, aten.specialI1e].map((op) => ({
    op,
    tolerance: { ulp: 16, atol: 2 ** -126 },
  })),
  ...[aten.erf, aten.erfc, aten.specialErfcx].map((op) => ({ op, tolerance: { ulp: 8, atol: 2 ** -126 } })),
  // an inverse is as exact as its argument, and there are no digits in denormal ones
  defineSample(
    aten.specialNdtri,
    (choose) => {
      const shape = drawShape(choose, { maxRank: 3 });
      const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () =>
        choose.maybe(0.3) ? 2 ** -choose.between(0, 126) : choose.between(0, 2 ** 20) / 2 ** 20,
      );
      return {
        operands: { self: slot("f32", shape, { data: { type: { dtype: "f32", shape }, data }, constant: false }) },
      };
    },
    { tolerance: { ulp: 16, atol: 2e-7 } },
  ),
  // the larger operand and the logarithm of a sum cancel where the result is near zero
  ...[aten.logaddexp, aten.logaddexp2].map((op) => ({ op, tolerance: { ulp: 4, atol: 2e-7 } })),
  // a denormal has no digits that a large factor could bring out
  ...[aten.specialXlog1py, aten.xlogyTensor].map((op) =>
    defineSample(op, (choose) => {
      const shape = drawShape(choose);
      const other = slot("f32", drawBroadcastable(choose, shape), { values: "moderate" });
      return { operands: { self: slot("f32", shape, { values: "moderate", constant: false }), other } };
    }),
  ),
  // the least integer has no absolute value
  ...[aten.gcd, aten.lcm].map((op) =>
    defineSample(op, (choose) => {
      const dtype = choose.pick<DType>(["i32", "i64", "u8", "i16"]);
      const shape = drawShape(choose, { maxRank: 3 });
      const wide = choose.maybe(0.4) && (dtype === "i32" || dtype === "i64");
      const values = wide ? { min: -2147483647, max: 2147483647 } : { min: dtype === "u8" ? 0 : -24, max: 24 };
      return {
        operands: {
          self: slot(dtype, shape, { values }),
          other: slot(dtype, drawBroadcastable(choose, shape), { values }),
        },
      };
    }),
  ),
  ...[aten.prelu, aten.preluKernel].map((op) =>
    defineSample(op, (choose) => {
      const channels = choose.between(1, 4);
      const shape = [choose.between(1, 3), channels, ...drawShape(choose, { maxRank: 2, maxExtent: 4 })];
      const slopes = choose.maybe(0.3) ? 1 : channels;
      const weight = op === aten.prelu ? [slopes] : shape.map((_, i) => (i === 1 ? slopes : 1));
      // finite: PyTorch multiplies zeros by slopes, kernels pass over them
      return {
        operands: { self: slot("f32", shape, { constant: false }), weight: slot("f32", weight, { values: "finite" }) },
      };
    }),
  ),
];
