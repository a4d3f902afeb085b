import { defineAlias } from "../schema/alias.ts";
import * as activation from "./activation.ts";
import * as arithmetic from "./arithmetic.ts";
import * as binary from "./binary-functions.ts";
import * as bounds from "./clamp.ts";
import * as comparison from "./comparison.ts";
import * as division from "./division.ts";
import * as float from "./float-functions.ts";
import * as logical from "./logical.ts";
import * as rounding from "./rounding.ts";
import * as sign from "./sign.ts";
import * as special from "./special.ts";

export const absolute = defineAlias("absolute(Tensor self) -> Tensor", sign.abs);
export const arccos = defineAlias("arccos(Tensor self) -> Tensor", float.acos);
export const arccosh = defineAlias("arccosh(Tensor self) -> Tensor", float.acosh);
export const arcsin = defineAlias("arcsin(Tensor self) -> Tensor", float.asin);
export const arcsinh = defineAlias("arcsinh(Tensor self) -> Tensor", float.asinh);
export const arctan = defineAlias("arctan(Tensor self) -> Tensor", float.atan);
export const arctanh = defineAlias("arctanh(Tensor self) -> Tensor", float.atanh);
export const arctan2 = defineAlias("arctan2(Tensor self, Tensor other) -> Tensor", binary.atan2);
export const negative = defineAlias("negative(Tensor self) -> Tensor", sign.neg);
export const fix = defineAlias("fix(Tensor self) -> Tensor", rounding.trunc);
export const subtractTensor = defineAlias(
  "subtract.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor",
  arithmetic.subTensor,
);
export const subtractScalar = defineAlias(
  "subtract.Scalar(Tensor self, Scalar other, Scalar alpha=1) -> Tensor",
  arithmetic.subScalar,
);
export const multiplyTensor = defineAlias("multiply.Tensor(Tensor self, Tensor other) -> Tensor", arithmetic.mulTensor);
export const multiplyScalar = defineAlias("multiply.Scalar(Tensor self, Scalar other) -> Tensor", arithmetic.mulScalar);
export const divideTensor = defineAlias("divide.Tensor(Tensor self, Tensor other) -> Tensor", division.divTensor);
export const divideScalar = defineAlias("divide.Scalar(Tensor self, Scalar other) -> Tensor", division.divScalar);
export const divideTensorMode = defineAlias(
  "divide.Tensor_mode(Tensor self, Tensor other, *, str? rounding_mode) -> Tensor",
  division.divTensorMode,
);
export const divideScalarMode = defineAlias(
  "divide.Scalar_mode(Tensor self, Scalar other, *, str? rounding_mode) -> Tensor",
  division.divScalarMode,
);
export const trueDivideTensor = defineAlias(
  "true_divide.Tensor(Tensor self, Tensor other) -> Tensor",
  division.divTensor,
);
export const trueDivideScalar = defineAlias(
  "true_divide.Scalar(Tensor self, Scalar other) -> Tensor",
  division.divScalar,
);
export const notEqualTensor = defineAlias("not_equal.Tensor(Tensor self, Tensor other) -> Tensor", comparison.neTensor);
export const notEqualScalar = defineAlias("not_equal.Scalar(Tensor self, Scalar other) -> Tensor", comparison.neScalar);
export const greaterEqualTensor = defineAlias(
  "greater_equal.Tensor(Tensor self, Tensor other) -> Tensor",
  comparison.geTensor,
);
export const greaterEqualScalar = defineAlias(
  "greater_equal.Scalar(Tensor self, Scalar other) -> Tensor",
  comparison.geScalar,
);
export const greaterTensor = defineAlias("greater.Tensor(Tensor self, Tensor other) -> Tensor", comparison.gtTensor);
export const greaterScalar = defineAlias("greater.Scalar(Tensor self, Scalar other) -> Tensor", comparison.gtScalar);
export const lessEqualTensor = defineAlias(
  "less_equal.Tensor(Tensor self, Tensor other) -> Tensor",
  comparison.leTensor,
);
export const lessEqualScalar = defineAlias(
  "less_equal.Scalar(Tensor self, Scalar other) -> Tensor",
  comparison.leScalar,
);
export const lessTensor = defineAlias("less.Tensor(Tensor self, Tensor other) -> Tensor", comparison.ltTensor);
export const lessScalar = defineAlias("less.Scalar(Tensor self, Scalar other) -> Tensor", comparison.ltScalar);
export const clip = defineAlias("clip(Tensor self, Scalar? min=None, Scalar? max=None) -> Tensor", bounds.clamp);
export const clipTensor = defineAlias(
  "clip.Tensor(Tensor self, Tensor? min=None, Tensor? max=None) -> Tensor",
  bounds.clampTensor,
);
export const dunderAndTensor = defineAlias(
  "__and__.Tensor(Tensor self, Tensor other) -> Tensor",
  logical.bitwiseAndTensor,
);
export const dunderAndScalar = defineAlias(
  "__and__.Scalar(Tensor self, Scalar other) -> Tensor",
  logical.bitwiseAndScalar,
);
export const dunderOrTensor = defineAlias(
  "__or__.Tensor(Tensor self, Tensor other) -> Tensor",
  logical.bitwiseOrTensor,
);
export const dunderOrScalar = defineAlias(
  "__or__.Scalar(Tensor self, Scalar other) -> Tensor",
  logical.bitwiseOrScalar,
);
export const dunderXorTensor = defineAlias(
  "__xor__.Tensor(Tensor self, Tensor other) -> Tensor",
  logical.bitwiseXorTensor,
);
export const dunderXorScalar = defineAlias(
  "__xor__.Scalar(Tensor self, Scalar other) -> Tensor",
  logical.bitwiseXorScalar,
);
export const dunderLshiftTensor = defineAlias(
  "__lshift__.Tensor(Tensor self, Tensor other) -> Tensor",
  logical.bitwiseLeftShiftTensor,
);
export const dunderLshiftScalar = defineAlias(
  "__lshift__.Scalar(Tensor self, Scalar other) -> Tensor",
  logical.bitwiseLeftShiftTensorScalar,
);
export const dunderRshiftTensor = defineAlias(
  "__rshift__.Tensor(Tensor self, Tensor other) -> Tensor",
  logical.bitwiseRightShiftTensor,
);
export const dunderRshiftScalar = defineAlias(
  "__rshift__.Scalar(Tensor self, Scalar other) -> Tensor",
  logical.bitwiseRightShiftTensorScalar,
);
export const specialExpit = defineAlias("special_expit(Tensor self) -> Tensor", float.sigmoid);
export const specialExp2 = defineAlias("special_exp2(Tensor self) -> Tensor", float.exp2);
export const specialExpm1 = defineAlias("special_expm1(Tensor self) -> Tensor", float.expm1);
export const specialLog1p = defineAlias("special_log1p(Tensor self) -> Tensor", float.log1p);
export const specialSinc = defineAlias("special_sinc(Tensor self) -> Tensor", float.sinc);
export const specialLogit = defineAlias("special_logit(Tensor self, float? eps=None) -> Tensor", activation.logit);
export const specialXlogy = defineAlias("special_xlogy(Tensor self, Tensor other) -> Tensor", binary.xlogyTensor);
export const specialXlogyOtherScalar = defineAlias(
  "special_xlogy.other_scalar(Tensor self, Scalar other) -> Tensor",
  binary.xlogyScalarOther,
);
export const specialXlogySelfScalar = defineAlias(
  "special_xlogy.self_scalar(Scalar self, Tensor other) -> Tensor",
  binary.xlogyScalarSelf,
);
export const specialErf = defineAlias("special_erf(Tensor self) -> Tensor", special.erf);
export const specialErfc = defineAlias("special_erfc(Tensor self) -> Tensor", special.erfc);
export const specialErfinv = defineAlias("special_erfinv(Tensor self) -> Tensor", special.erfinv);
export const specialGammaln = defineAlias("special_gammaln(Tensor self) -> Tensor", special.lgamma);
export const specialPsi = defineAlias("special_psi(Tensor self) -> Tensor", special.digamma);
export const specialDigamma = defineAlias("special_digamma(Tensor self) -> Tensor", special.digamma);
export const specialI0 = defineAlias("special_i0(Tensor self) -> Tensor", special.i0);
export const specialPolygamma = defineAlias("special_polygamma(int n, Tensor self) -> Tensor", special.polygamma);
export const specialMultigammaln = defineAlias("special_multigammaln(Tensor self, int p) -> Tensor", special.mvlgamma);
