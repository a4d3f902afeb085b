import { defineLowering, defineRefusal, type Emit, isFloat, reject, type Value } from "@tflower/core";
import * as aten from "../dialect/special.ts";
import * as bessel from "../emit/bessel-function.ts";
import { convertTo, float } from "../emit/convert.ts";
import * as error from "../emit/error-function.ts";
import * as gamma from "../emit/gamma-function.ts";
import { add, isEqual, isLess, mul, neg, plus, select } from "../emit/pointwise.ts";
import { log } from "../emit/transcendental.ts";
import { onFloats } from "../emit/unary-lowering.ts";

export const erf = defineLowering(aten.erf, onFloats(error.erf));
export const erfc = defineLowering(aten.erfc, onFloats(error.erfc));
export const erfinv = defineLowering(aten.erfinv, onFloats(error.erfinv));
export const specialErfcx = defineLowering(aten.specialErfcx, onFloats(error.erfcx));
export const specialNdtr = defineLowering(aten.specialNdtr, onFloats(error.ndtr));
export const specialLogNdtr = defineLowering(aten.specialLogNdtr, onFloats(error.logNdtr));
export const specialNdtri = defineLowering(aten.specialNdtri, onFloats(error.ndtri));

function entropy(emit: Emit, x: Value): Value {
  const zero = float(emit, 0);
  const inside = neg(emit, mul(emit, x, log(emit, x)));
  return select(
    emit,
    isEqual(emit, x, zero),
    zero,
    select(emit, isLess(emit, x, zero), float(emit, -Infinity), inside),
  );
}
export const specialEntr = defineLowering(aten.specialEntr, onFloats(entropy));

export const lgamma = defineLowering(aten.lgamma, onFloats(gamma.lgamma));
export const digamma = defineLowering(aten.digamma, onFloats(gamma.digamma));
const noZeta = "needs the Hurwitz zeta function, which the kernels have no form of";
export const polygamma = defineLowering(aten.polygamma, ({ self }, { n }, emit, node) =>
  n === 0 ? onFloats(gamma.digamma)({ self }, {}, emit, node) : reject(noZeta),
);
export const specialZeta = defineRefusal(aten.specialZeta, noZeta);
export const specialZetaOtherScalar = defineRefusal(aten.specialZetaOtherScalar, noZeta);
export const specialZetaSelfScalar = defineRefusal(aten.specialZetaSelfScalar, noZeta);
export const mvlgamma = defineLowering(aten.mvlgamma, ({ self }, { p }, emit, node) => {
  const { dtype } = node.results[0]!.type;
  if (!isFloat(dtype)) return reject(`has no kernel for ${dtype}`);
  if (p > 64) return reject(`has ${p} terms, each of forty ops: too many for one file`);
  const x = convertTo(emit, self, dtype);
  const terms = Array.from({ length: p }, (_, j) => gamma.lgamma(emit, j === 0 ? x : plus(emit, x, -j / 2)));
  return plus(
    emit,
    terms.reduce((a, b) => add(emit, a, b)),
    ((p * (p - 1)) / 4) * Math.log(Math.PI),
  );
});

export const i0 = defineLowering(aten.i0, onFloats(bessel.i0));
export const specialI0e = defineLowering(aten.specialI0e, onFloats(bessel.i0e));
export const specialI1 = defineLowering(aten.specialI1, onFloats(bessel.i1));
export const specialI1e = defineLowering(aten.specialI1e, onFloats(bessel.i1e));
