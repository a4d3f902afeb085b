import { attr, tensor } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import * as bessel from "../semantics/bessel.ts";
import { arithmetic } from "../semantics/binary.ts";
import * as gamma from "../semantics/gamma.ts";
import { castData, mapNumbers } from "../semantics/pointwise.ts";
import { floatPairType, floatType, withNumberType } from "../semantics/result-types.ts";
import { scalarTensor } from "../semantics/scalar.ts";
import * as f from "../semantics/special.ts";
import { stepRounding } from "../semantics/step-rounding.ts";
import { floatFunction } from "../semantics/unary.ts";

export const erf = defineAten("erf(Tensor self) -> Tensor", floatFunction("Error function.", f.erf));
export const erfc = defineAten(
  "erfc(Tensor self) -> Tensor",
  floatFunction("`1 - erf(x)`, accurate in the tail.", f.erfc),
);
export const erfinv = defineAten(
  "erfinv(Tensor self) -> Tensor",
  floatFunction("Inverse of the error function; NaN outside [-1, 1].", f.erfinv),
);
export const specialErfcx = defineAten(
  "special_erfcx(Tensor self) -> Tensor",
  floatFunction("`exp(x * x) * erfc(x)`.", f.erfcx),
);
export const specialNdtr = defineAten(
  "special_ndtr(Tensor self) -> Tensor",
  floatFunction("Standard normal distribution function.", f.ndtr),
);
export const specialLogNdtr = defineAten(
  "special_log_ndtr(Tensor self) -> Tensor",
  floatFunction("Logarithm of the standard normal distribution function.", f.logNdtr),
);
export const specialNdtri = defineAten(
  "special_ndtri(Tensor self) -> Tensor",
  floatFunction("Inverse of the standard normal distribution function.", f.ndtri),
);
export const specialEntr = defineAten(
  "special_entr(Tensor self) -> Tensor",
  floatFunction("`-x * log(x)`, zero at zero, minus infinity below.", (x) =>
    Number.isNaN(x) ? x : x > 0 ? -x * Math.log(x) : x === 0 ? 0 : -Infinity,
  ),
);

export const lgamma = defineAten(
  "lgamma(Tensor self) -> Tensor",
  floatFunction("Logarithm of the absolute value of the gamma function.", gamma.lgamma),
);
export const digamma = defineAten(
  "digamma(Tensor self) -> Tensor",
  floatFunction("Derivative of the logarithm of the gamma function.", gamma.digamma),
);
export const polygamma = defineAten("polygamma(int n, Tensor self) -> Tensor", {
  summary: "The `n`-th derivative of digamma.",
  attrs: { n: attr.int },
  traits: { elementwise: true },
  infer: floatType,
  evaluate: ({ self }, { n }, [type]) => mapNumbers(type!, [castData(self, type!.dtype)], (x) => gamma.polygamma(n, x)),
});
export const specialZeta = defineAten("special_zeta(Tensor self, Tensor other) -> Tensor", {
  summary: "Hurwitz zeta function: the sum of `(other + n) ** -self`.",
  traits: { elementwise: true },
  infer: floatPairType,
  evaluate: ({ self, other }, _, [type]) => arithmetic(type!, [self, other], (s, q) => gamma.zeta(s!, q!)),
});
export const specialZetaOtherScalar = defineAten("special_zeta.other_scalar(Tensor self, Scalar other) -> Tensor", {
  summary: "Hurwitz zeta function, shifted by a number.",
  traits: { elementwise: true },
  infer: ({ self }, { other }) => floatType({ self: withNumberType(self, other) }),
  evaluate: ({ self }, { other }, [type]) =>
    arithmetic(type!, [self, scalarTensor(other, type!.dtype)], (s, q) => gamma.zeta(s!, q!)),
});
export const specialZetaSelfScalar = defineAten("special_zeta.self_scalar(Scalar self, Tensor other) -> Tensor", {
  summary: "Hurwitz zeta function of a number.",
  traits: { elementwise: true },
  infer: ({ other }, { self }) => floatType({ self: withNumberType(other, self) }),
  evaluate: ({ other }, { self }, [type]) =>
    arithmetic(type!, [scalarTensor(self, type!.dtype), other], (s, q) => gamma.zeta(s!, q!)),
});
export const mvlgamma = defineAten("mvlgamma(Tensor self, int p) -> Tensor", {
  summary: "Logarithm of the multivariate gamma function of dimension `p`.",
  attrs: { p: attr.int },
  traits: { elementwise: true },
  infer: (types) => tensor(floatType(types).dtype, types.self.shape),
  verify: (_, { p }) => (p < 1 ? `the dimension p must be one or more, got ${p}` : undefined),
  evaluate({ self }, { p }, [type]) {
    const round = stepRounding(type!.dtype);
    return mapNumbers(type!, [castData(self, type!.dtype)], (x) => {
      let sum = ((p * (p - 1)) / 4) * Math.log(Math.PI);
      for (let j = 0; j < p; j++) sum += gamma.lgamma(round(x - j / 2));
      return sum;
    });
  },
});

export const i0 = defineAten(
  "i0(Tensor self) -> Tensor",
  floatFunction("Modified Bessel function of the first kind, order 0.", bessel.i0),
);
export const specialI0e = defineAten(
  "special_i0e(Tensor self) -> Tensor",
  floatFunction("`exp(-|x|) * i0(x)`.", bessel.i0e),
);
export const specialI1 = defineAten(
  "special_i1(Tensor self) -> Tensor",
  floatFunction("Modified Bessel function of the first kind, order 1.", bessel.i1),
);
export const specialI1e = defineAten(
  "special_i1e(Tensor self) -> Tensor",
  floatFunction("`exp(-|x|) * i1(x)`.", bessel.i1e),
);
