import { defineRefusal, type Lowering, type OpDef } from "@tflower/core";
import * as aten from "../dialect/unsupported-functions.ts";

/** No kernel computes them, and no short formula of kernels is as accurate as float32. */
const refused = (op: OpDef): Lowering =>
  defineRefusal(op, "has no kernel in LiteRT, and no formula of kernels that is accurate to float32");

export const igamma = refused(aten.igamma);
export const igammac = refused(aten.igammac);
export const specialGammainc = refused(aten.specialGammainc);
export const specialGammaincc = refused(aten.specialGammaincc);
export const specialBesselJ0 = refused(aten.specialBesselJ0);
export const specialBesselJ1 = refused(aten.specialBesselJ1);
export const specialBesselY0 = refused(aten.specialBesselY0);
export const specialBesselY1 = refused(aten.specialBesselY1);
export const specialModifiedBesselI0 = refused(aten.specialModifiedBesselI0);
export const specialModifiedBesselI1 = refused(aten.specialModifiedBesselI1);
export const specialModifiedBesselK0 = refused(aten.specialModifiedBesselK0);
export const specialModifiedBesselK1 = refused(aten.specialModifiedBesselK1);
export const specialScaledModifiedBesselK0 = refused(aten.specialScaledModifiedBesselK0);
export const specialScaledModifiedBesselK1 = refused(aten.specialScaledModifiedBesselK1);
export const specialSphericalBesselJ0 = refused(aten.specialSphericalBesselJ0);
export const specialAiryAi = refused(aten.specialAiryAi);
export const specialChebyshevPolynomialT = refused(aten.specialChebyshevPolynomialT);
export const specialChebyshevPolynomialTXScalar = refused(aten.specialChebyshevPolynomialTXScalar);
export const specialChebyshevPolynomialTNScalar = refused(aten.specialChebyshevPolynomialTNScalar);
export const specialHermitePolynomialH = refused(aten.specialHermitePolynomialH);
export const specialHermitePolynomialHNScalar = refused(aten.specialHermitePolynomialHNScalar);
export const specialLaguerrePolynomialL = refused(aten.specialLaguerrePolynomialL);
export const specialLaguerrePolynomialLNScalar = refused(aten.specialLaguerrePolynomialLNScalar);
export const specialLegendrePolynomialP = refused(aten.specialLegendrePolynomialP);
export const specialLegendrePolynomialPNScalar = refused(aten.specialLegendrePolynomialPNScalar);
export const frexpTensor = refused(aten.frexpTensor);

const recursive = (op: OpDef): Lowering =>
  defineRefusal(
    op,
    "is a recursion over time as long as the data, which is for training: leave the loss out of the exported program",
  );
export const ctcLossIntList = recursive(aten.ctcLossIntList);
export const ctcLossTensor = recursive(aten.ctcLossTensor);
