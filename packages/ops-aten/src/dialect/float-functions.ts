import { defineAten } from "../schema/aten-schema.ts";
import { castData, mapNumbers } from "../semantics/pointwise.ts";
import { floatFunction } from "../semantics/unary.ts";

export const exp = defineAten("exp(Tensor self) -> Tensor", floatFunction("`e` to the power of `x`.", Math.exp));
export const exp2 = defineAten(
  "exp2(Tensor self) -> Tensor",
  floatFunction("Two to the power of `x`.", (x) => 2 ** x),
);
export const expm1 = defineAten(
  "expm1(Tensor self) -> Tensor",
  floatFunction("`exp(x) - 1`, accurate near zero.", Math.expm1),
);
export const log = defineAten("log(Tensor self) -> Tensor", floatFunction("Natural logarithm.", Math.log));
export const log2 = defineAten("log2(Tensor self) -> Tensor", floatFunction("Logarithm to base two.", Math.log2));
export const log10 = defineAten("log10(Tensor self) -> Tensor", floatFunction("Logarithm to base ten.", Math.log10));
export const log1p = defineAten(
  "log1p(Tensor self) -> Tensor",
  floatFunction("`log(1 + x)`, accurate near zero.", Math.log1p),
);

export const sqrt = defineAten("sqrt(Tensor self) -> Tensor", floatFunction("Square root; NaN below zero.", Math.sqrt));
export const rsqrt = defineAten(
  "rsqrt(Tensor self) -> Tensor",
  floatFunction("One over the square root.", (x) => 1 / Math.sqrt(x)),
);
export const reciprocal = defineAten(
  "reciprocal(Tensor self) -> Tensor",
  floatFunction("`1 / x`.", (x) => 1 / x),
);

export const sin = defineAten("sin(Tensor self) -> Tensor", floatFunction("Sine.", Math.sin));
export const cos = defineAten("cos(Tensor self) -> Tensor", floatFunction("Cosine.", Math.cos));
export const tan = defineAten("tan(Tensor self) -> Tensor", floatFunction("Tangent.", Math.tan));
export const asin = defineAten(
  "asin(Tensor self) -> Tensor",
  floatFunction("Inverse of sine; NaN outside [-1, 1].", Math.asin),
);
export const acos = defineAten(
  "acos(Tensor self) -> Tensor",
  floatFunction("Inverse of cosine; NaN outside [-1, 1].", Math.acos),
);
export const atan = defineAten("atan(Tensor self) -> Tensor", floatFunction("Inverse of tangent.", Math.atan));

export const sinh = defineAten("sinh(Tensor self) -> Tensor", floatFunction("Hyperbolic sine.", Math.sinh));
export const cosh = defineAten("cosh(Tensor self) -> Tensor", floatFunction("Hyperbolic cosine.", Math.cosh));
export const tanh = defineAten("tanh(Tensor self) -> Tensor", floatFunction("Hyperbolic tangent.", Math.tanh));
export const asinh = defineAten(
  "asinh(Tensor self) -> Tensor",
  floatFunction("Inverse of hyperbolic sine.", Math.asinh),
);
export const acosh = defineAten(
  "acosh(Tensor self) -> Tensor",
  floatFunction("Inverse of hyperbolic cosine; NaN below one.", Math.acosh),
);
export const atanh = defineAten(
  "atanh(Tensor self) -> Tensor",
  floatFunction("Inverse of hyperbolic tangent; NaN outside [-1, 1].", Math.atanh),
);

export const sigmoid = defineAten(
  "sigmoid(Tensor self) -> Tensor",
  floatFunction("`1 / (1 + exp(-x))`.", (x) => 1 / (1 + Math.exp(-x))),
);
export const sinc = defineAten("sinc(Tensor self) -> Tensor", {
  ...floatFunction("`sin(pi x) / (pi x)`, one at zero.", Math.sin),
  evaluate: ({ self }, _, [type]) => {
    // the product is rounded, so that whole numbers do not quite give zero
    const round = type!.dtype === "f64" ? (x: number) => x : Math.fround;
    return mapNumbers(type!, [castData(self, type!.dtype)], (x) => {
      const y = round(round(Math.PI) * x);
      return x === 0 ? 1 : Math.sin(y) / y;
    });
  },
});
export const deg2rad = defineAten(
  "deg2rad(Tensor self) -> Tensor",
  floatFunction("Degrees to radians.", (x) => (x * Math.PI) / 180),
);
export const rad2deg = defineAten(
  "rad2deg(Tensor self) -> Tensor",
  floatFunction("Radians to degrees.", (x) => (x * 180) / Math.PI),
);
