import { invalid, type Scalar, type TensorType, tensor } from "@tflower/core";
import { defineAten } from "../schema/aten-schema.ts";
import { floatPairType, floatType, withNumberType } from "../semantics/result-types.ts";

/** Functions that are known by type, so that programs with them are read and the refusal says why; nothing computes them. */
const unary = (summary: string) => ({ summary, traits: { elementwise: true }, infer: floatType });
const pair = (summary: string) => ({ summary, traits: { elementwise: true }, infer: floatPairType });
type X<T> = { readonly x: T };
type N<T> = { readonly n: T };
const polynomial = (summary: string) => ({
  tensors: { summary, infer: ({ x, n }: X<TensorType> & N<TensorType>) => floatPairType({ self: x, other: n }) },
  xNumber: { summary, infer: ({ n }: N<TensorType>, { x }: X<Scalar>) => floatType({ self: withNumberType(n, x) }) },
  nNumber: { summary, infer: ({ x }: X<TensorType>, { n }: N<Scalar>) => floatType({ self: withNumberType(x, n) }) },
});

export const igamma = defineAten(
  "igamma(Tensor self, Tensor other) -> Tensor",
  pair("Lower incomplete gamma function, regularized."),
);
export const igammac = defineAten(
  "igammac(Tensor self, Tensor other) -> Tensor",
  pair("Upper incomplete gamma function, regularized."),
);
export const specialGammainc = defineAten(
  "special_gammainc(Tensor self, Tensor other) -> Tensor",
  pair("Lower incomplete gamma function, regularized."),
);
export const specialGammaincc = defineAten(
  "special_gammaincc(Tensor self, Tensor other) -> Tensor",
  pair("Upper incomplete gamma function, regularized."),
);
export const specialBesselJ0 = defineAten(
  "special_bessel_j0(Tensor self) -> Tensor",
  unary("Bessel function of the first kind, order 0."),
);
export const specialBesselJ1 = defineAten(
  "special_bessel_j1(Tensor self) -> Tensor",
  unary("Bessel function of the first kind, order 1."),
);
export const specialBesselY0 = defineAten(
  "special_bessel_y0(Tensor self) -> Tensor",
  unary("Bessel function of the second kind, order 0."),
);
export const specialBesselY1 = defineAten(
  "special_bessel_y1(Tensor self) -> Tensor",
  unary("Bessel function of the second kind, order 1."),
);
export const specialModifiedBesselI0 = defineAten(
  "special_modified_bessel_i0(Tensor self) -> Tensor",
  unary("Modified Bessel function of the first kind, order 0."),
);
export const specialModifiedBesselI1 = defineAten(
  "special_modified_bessel_i1(Tensor self) -> Tensor",
  unary("Modified Bessel function of the first kind, order 1."),
);
export const specialModifiedBesselK0 = defineAten(
  "special_modified_bessel_k0(Tensor self) -> Tensor",
  unary("Modified Bessel function of the second kind, order 0."),
);
export const specialModifiedBesselK1 = defineAten(
  "special_modified_bessel_k1(Tensor self) -> Tensor",
  unary("Modified Bessel function of the second kind, order 1."),
);
export const specialScaledModifiedBesselK0 = defineAten("special_scaled_modified_bessel_k0(Tensor x) -> Tensor", {
  summary: "`exp(x) * k0(x)`.",
  infer: ({ x }) => floatType({ self: x }),
});
export const specialScaledModifiedBesselK1 = defineAten("special_scaled_modified_bessel_k1(Tensor x) -> Tensor", {
  summary: "`exp(x) * k1(x)`.",
  infer: ({ x }) => floatType({ self: x }),
});
export const specialSphericalBesselJ0 = defineAten("special_spherical_bessel_j0(Tensor x) -> Tensor", {
  summary: "Spherical Bessel function of the first kind, order 0.",
  infer: ({ x }) => floatType({ self: x }),
});
export const specialAiryAi = defineAten("special_airy_ai(Tensor x) -> Tensor", {
  summary: "Airy function.",
  infer: ({ x }) => floatType({ self: x }),
});

const chebyshev = polynomial("Chebyshev polynomial of the first kind, of a degree that is data.");
export const specialChebyshevPolynomialT = defineAten(
  "special_chebyshev_polynomial_t(Tensor x, Tensor n) -> Tensor",
  chebyshev.tensors,
);
export const specialChebyshevPolynomialTXScalar = defineAten(
  "special_chebyshev_polynomial_t.x_scalar(Scalar x, Tensor n) -> Tensor",
  chebyshev.xNumber,
);
export const specialChebyshevPolynomialTNScalar = defineAten(
  "special_chebyshev_polynomial_t.n_scalar(Tensor x, Scalar n) -> Tensor",
  chebyshev.nNumber,
);
const hermite = polynomial("Hermite polynomial, of a degree that is data.");
export const specialHermitePolynomialH = defineAten(
  "special_hermite_polynomial_h(Tensor x, Tensor n) -> Tensor",
  hermite.tensors,
);
export const specialHermitePolynomialHNScalar = defineAten(
  "special_hermite_polynomial_h.n_scalar(Tensor x, Scalar n) -> Tensor",
  hermite.nNumber,
);
const laguerre = polynomial("Laguerre polynomial, of a degree that is data.");
export const specialLaguerrePolynomialL = defineAten(
  "special_laguerre_polynomial_l(Tensor x, Tensor n) -> Tensor",
  laguerre.tensors,
);
export const specialLaguerrePolynomialLNScalar = defineAten(
  "special_laguerre_polynomial_l.n_scalar(Tensor x, Scalar n) -> Tensor",
  laguerre.nNumber,
);
const legendre = polynomial("Legendre polynomial, of a degree that is data.");
export const specialLegendrePolynomialP = defineAten(
  "special_legendre_polynomial_p(Tensor x, Tensor n) -> Tensor",
  legendre.tensors,
);
export const specialLegendrePolynomialPNScalar = defineAten(
  "special_legendre_polynomial_p.n_scalar(Tensor x, Scalar n) -> Tensor",
  legendre.nNumber,
);

export const frexpTensor = defineAten("frexp.Tensor(Tensor self) -> (Tensor mantissa, Tensor exponent)", {
  summary: "Mantissa in [0.5, 1) and exponent of each element.",
  infer: ({ self }) => [tensor(self.dtype, self.shape), tensor("i32", self.shape)],
});

type Ctc = { readonly log_probs: TensorType; readonly targets: TensorType };
const ctc = {
  summary: "Connectionist temporal classification loss.",
  infer: ({ log_probs }: Ctc, { reduction }: { readonly reduction: number }) => {
    const batch =
      log_probs.shape.length === 3 ? [log_probs.shape[1] ?? invalid("takes log probabilities of rank 2 or 3")] : [];
    return tensor(log_probs.dtype, reduction === 0 ? batch : []);
  },
};
export const ctcLossIntList = defineAten(
  "ctc_loss.IntList(Tensor log_probs, Tensor targets, int[] input_lengths, int[] target_lengths, int blank=0, int reduction=Mean, bool zero_infinity=False) -> Tensor",
  ctc,
);
export const ctcLossTensor = defineAten(
  "ctc_loss.Tensor(Tensor log_probs, Tensor targets, Tensor input_lengths, Tensor target_lengths, int blank=0, int reduction=Mean, bool zero_infinity=False) -> Tensor",
  ctc,
);
